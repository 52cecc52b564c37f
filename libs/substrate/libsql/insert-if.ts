// A row that is inserted only while a condition holds: what `Database.write` decided on may have changed since, where several
// processes share one server. The statement decides again, inside the transaction; how many rows it changed says what it found.
import { getTableColumns, type SQL, sql } from 'drizzle-orm';
import type { SQLiteTable } from 'drizzle-orm/sqlite-core';
import type { Orm } from './database.ts';

/** What `row` leaves out is NULL. For a batch: every statement of it has to carry the condition, and the last one ends it. */
export function insertIf<Table extends SQLiteTable>(
  orm: Orm,
  table: Table,
  row: Table['$inferInsert'],
  condition: SQL,
) {
  const given = new Map<string, unknown>(Object.entries(row));
  const values = Object.entries(getTableColumns(table)).map(([name, column]) =>
    sql.param(given.get(name) ?? null, column),
  );
  return orm.insert(table).select(sql`select ${sql.join(values, sql`, `)} where ${condition}`);
}
