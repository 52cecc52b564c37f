// Columns as SQL defines them: `amount decimal(10, 2) not null default 0` is a name, a type, and whether it may be empty.
import { splitOutside } from './split-outside.ts';

const TABLE = /^\s*create\s(?:[\w\s]*\s)?table\s/i;
const NO_COLUMN =
  /^(?:create\s[^(]*\btable\b|constraint\s|primary\s+key\b|foreign\s+key\b|exclude\s|(?:unique|check)\s*\()/i;
const NAME = /^("[^"]*"|`[^`]*`|\[[^\]]*\]|\S+)\s+(?=\S)/;
/** What follows a type. */
const AFTER_TYPE =
  /\s+(?:not\s+null|null|nullable|required|optional|default|primary\s+key|references|unique|check|constraint|collate|comment|generated|auto_increment)\b/i;

/** Cells of each column of a whole `CREATE TABLE`; undefined when it is none. */
export function columnsOfTable(text: string, limit: number): string[][] | undefined {
  const open = text.indexOf('(');
  if (open < 0 || !TABLE.test(text.slice(0, open))) return undefined;
  const inside = text.slice(open + 1).replace(/--.*$/gm, '');
  const columns = splitOutside(endedAtBracket(inside), ',').slice(0, limit);
  return columns.flatMap((column) => {
    const cells = definitionOf(column.trim());
    return cells && cells[0] !== '' ? [cells] : [];
  });
}

/** Undefined when it defines no column, but a key or a table. */
export function definitionOf(line: string): string[] | undefined {
  if (NO_COLUMN.test(line)) return undefined;
  const [begin, name] = NAME.exec(line) ?? [];
  if (begin === undefined || name === undefined) return [line];
  const rest = line.slice(begin.length);
  const type = rest.slice(0, AFTER_TYPE.exec(rest)?.index).replace(/\s+/g, ' ');
  const isRequired = /\b(?:not\s+null|required|primary\s+key)\b/i.test(rest);
  const isNullable = /\b(?:null|nullable|optional)\b/i.test(rest);
  return [name.replace(/^\[(.*)\]$/, '$1'), type, isRequired ? 'not null' : isNullable ? 'null' : ''];
}

/** Up to the bracket that closes the table. */
function endedAtBracket(inside: string): string {
  let depth = 1;
  for (let at = 0; at < inside.length; at++) {
    const sign = inside.charAt(at);
    if (sign === '(') depth += 1;
    else if (sign === ')') depth -= 1;
    if (depth === 0) return inside.slice(0, at);
  }
  return inside;
}
