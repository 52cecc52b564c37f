import { expect, test } from 'bun:test';
import { pastedColumns } from './pasted-columns.ts';

test('[PG1.45] lines of a spreadsheet, of Markdown, of CSV and of SQL are columns; one word is a text', () => {
  const wanted = [
    { name: 'id', type: 'int64', nullable: false },
    { name: 'paid', type: 'timestamp', nullable: true },
  ];
  for (const pasted of [
    'name\ttype\tnullable\nid\tint64\tno\npaid\ttimestamp\tyes\n',
    '| Column | Type | Null |\n|---|:--|---|\n| `id` | int64 | false |\n| paid | timestamp | true |',
    'id,int64,0\r\npaid,timestamp,1',
    'id int64 NOT NULL,\npaid timestamp null',
  ])
    expect(pastedColumns(pasted)).toEqual(wanted);
  expect(pastedColumns('amount')).toBeUndefined();
  expect(pastedColumns('a\nb\na')).toEqual([{ name: 'a' }, { name: 'b' }]);
  expect(pastedColumns('id\tint64')).toEqual([{ name: 'id', type: 'int64' }]);
});
