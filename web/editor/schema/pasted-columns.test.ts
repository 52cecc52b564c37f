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
    expect(pastedColumns(pasted, { isNew: false })).toEqual(wanted);
  expect(pastedColumns('amount', { isNew: true })).toBeUndefined();
  expect(pastedColumns('a\nb\na', { isNew: false })).toEqual([{ name: 'a' }, { name: 'b' }]);
  expect(pastedColumns('id\tint64', { isNew: true })).toEqual([{ name: 'id', type: 'int64' }]);
});

test('[PG1.45] a table in SQL is its columns: types keep their commas, keys and the table itself are no columns', () => {
  const wanted = [
    { name: 'id', type: 'bigint', nullable: false },
    { name: 'amount', type: 'decimal(10, 2)', nullable: false },
    { name: 'first name', type: 'struct<a:int,b:int>' },
    { name: 'paid', type: 'timestamp with time zone', nullable: true },
  ];
  const lines = [
    'id bigint primary key,',
    '  amount decimal(10, 2) DEFAULT 0 NOT NULL,',
    '  "first name" struct<a:int,b:int>,',
    '  paid timestamp with time zone null,',
    '  PRIMARY KEY (id, amount)',
  ];
  const table = `CREATE TABLE shop.orders (\n  ${lines.join('\n')}\n) ENGINE=InnoDB, x;`;
  for (const pasted of [
    table,
    table.replaceAll('\n', ' '),
    lines.join('\n'),
    `CREATE TABLE x (\n${lines.join('\n')}\n);`,
  ])
    expect(pastedColumns(pasted, { isNew: false })).toEqual(wanted);
  expect(pastedColumns('id,"decimal(10,2)",no\nday,date,yes', { isNew: false })?.[0]).toEqual({
    ...{ name: 'id', type: 'decimal(10,2)', nullable: false },
  });
});

test('[PG1.45] one line is a text, unless a column begins there', () => {
  for (const line of ['decimal(10, 2)', 'struct<a:int,b:int>', 'id\tint64', 'hello, world'])
    expect(pastedColumns(line, { isNew: false })).toBeUndefined();
  expect(pastedColumns('decimal(10,2)', { isNew: true })).toBeUndefined();
  expect(pastedColumns('amount decimal(10, 2)', { isNew: true })).toEqual([
    { name: 'amount', type: 'decimal(10, 2)' },
  ]);
});
