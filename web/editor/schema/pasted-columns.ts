// Columns in pasted text: lines of a spreadsheet, of a Markdown table, of CSV, or of a table's definition in SQL.

export type PastedColumn = { name: string; type?: string; nullable?: boolean };

/** As many as a wide table has; what is longer was no schema. */
const COLUMNS_LIMIT = 5_000;
const HEADINGS = new Set(['name', 'column', 'column_name', 'column name', 'field', 'field_name']);
const YES = new Set(['true', 'yes', 'y', '1', 'x', 'null', 'nullable', 'optional']);
const NO = new Set(['false', 'no', 'n', '0', 'not null', 'required']);

/** Undefined when it is one line of one cell: that is a text to be typed as it is. */
export function pastedColumns(text: string): PastedColumn[] | undefined {
  const lines = text.split(/\r\n?|\n/).filter((line) => line.trim() !== '' && !/^[\s|:+-]+$/.test(line));
  const rows = lines.slice(0, COLUMNS_LIMIT).map(cellsOf);
  if (rows.length < 2 && (rows[0]?.length ?? 0) < 2) return undefined;
  const isHeaded = HEADINGS.has(rows[0]?.[0]?.toLowerCase() ?? '');
  const columns = rows.slice(isHeaded ? 1 : 0).flatMap(columnOf);
  return [...new Map(columns.map((column) => [column.name, column])).values()];
}

function cellsOf(line: string): string[] {
  const bare = line.trim().replace(/^\||\|$/g, '');
  const separator = bare.includes('\t')
    ? '\t'
    : bare.includes('|')
      ? '|'
      : /[,;]\s*\S/.test(bare)
        ? /[,;]/
        : undefined;
  const cells = separator === undefined ? definitionOf(bare) : bare.split(separator);
  return cells.map((cell) => unquoted(cell.trim().replace(/[,;]$/, '')));
}

/** `amount bigint not null,` is a name, a type, and whether it may be empty. */
function definitionOf(line: string): string[] {
  const match = /^(\S+)\s+(.+?)(?:\s+(not null|null|nullable|required|optional))?[,;]?$/i.exec(line);
  return match ? match.slice(1).map((part) => part ?? '') : [line];
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
