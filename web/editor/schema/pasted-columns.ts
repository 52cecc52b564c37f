// Columns in pasted text: lines of a spreadsheet, of a Markdown table, of CSV, or of a table's definition in SQL.
import { columnsOfTable, definitionOf } from './column-definitions.ts';
import { splitOutside } from './split-outside.ts';

export type PastedColumn = { name: string; type?: string; nullable?: boolean };

/** As many as a wide table has; what is longer was no schema. */
const COLUMNS_LIMIT = 5_000;
const HEADINGS = new Set(['name', 'column', 'column_name', 'column name', 'field', 'field_name']);
const YES = new Set(['true', 'yes', 'y', '1', 'x', 'null', 'nullable', 'optional']);
const NO = new Set(['false', 'no', 'n', '0', 'not null', 'required']);

/**
 * Undefined when it is a text to be typed as it is: one line is, such as a type with a comma, unless it was pasted where a column
 * begins (`isNew`) and has more than one cell.
 */
export function pastedColumns(text: string, { isNew }: { isNew: boolean }): PastedColumn[] | undefined {
  const defined = columnsOfTable(text, COLUMNS_LIMIT);
  const lines = text
    .split(/\r\n?|\n/)
    .filter((line) => line.trim() !== '' && !/^[\s|:+()[\];-]+$/.test(line));
  const rows = defined ?? lines.slice(0, COLUMNS_LIMIT).flatMap((line) => cellsOf(line) ?? []);
  if (!defined && lines.length < 2 && !(isNew && (rows[0]?.length ?? 0) > 1)) return undefined;
  const cells = rows.map((row) => row.map((cell) => unquoted(cell.trim())));
  const isHeaded = HEADINGS.has(cells[0]?.[0]?.toLowerCase() ?? '');
  const columns = cells.slice(isHeaded ? 1 : 0).flatMap(columnOf);
  return [...new Map(columns.map((column) => [column.name, column])).values()];
}

/** Undefined when it is no column. */
function cellsOf(line: string): [string[]] | undefined {
  const bare = line.trim().replace(/^\||\|$/g, '');
  if (bare.includes('\t')) return [bare.split('\t')];
  if (bare.includes('|')) return [bare.split('|')];
  const cells = splitOutside(bare.replace(/[,;]$/, ''), ',;');
  if (cells.length > 1) return [cells];
  const definition = definitionOf(cells[0] ?? '');
  return definition && [definition];
}

function unquoted(cell: string): string {
  return cell.replace(/^(["'`])(.*)\1$/, '$2').trim();
}

function columnOf([name = '', type = '', nullable = '']: readonly string[]): PastedColumn[] {
  if (name === '') return [];
  const word = nullable.toLowerCase();
  return [
    {
      name,
      ...(type === '' ? {} : { type }),
      ...(YES.has(word) ? { nullable: true } : NO.has(word) ? { nullable: false } : {}),
    },
  ];
}
