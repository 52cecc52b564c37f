// The tables of the document log. The base lies apart from the head, which is rewritten at every append; entries lie in
// the order in which they are read, without a second index to write. Each of them carries a checksum, as the database has
// none: what a damaged disk changed is refused and not taken for history.
import type Database from 'libsql';

const TABLES = [
  `CREATE TABLE IF NOT EXISTS document (
     id INTEGER PRIMARY KEY, team TEXT NOT NULL, doc TEXT NOT NULL,
     epoch INTEGER NOT NULL, position INTEGER NOT NULL, UNIQUE (team, doc))`,
  `CREATE TABLE IF NOT EXISTS log_base (
     document INTEGER PRIMARY KEY, position INTEGER NOT NULL, crc INTEGER, data BLOB NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS log_entry (
     document INTEGER NOT NULL, position INTEGER NOT NULL, crc INTEGER, data BLOB NOT NULL,
     PRIMARY KEY (document, position)) WITHOUT ROWID`,
];

/** Databases from before the checksums: their rows come along without one. */
const FROM_BEFORE = [
  ['base', 'INSERT INTO log_base SELECT document, position, NULL, data FROM base'],
  ['entry', 'INSERT INTO log_entry SELECT document, position, NULL, data FROM entry'],
] as const;

/** Makes what is missing, in one transaction. */
export function prepareSchema(database: Database.Database): void {
  database.exec('BEGIN IMMEDIATE');
  try {
    for (const table of TABLES) database.exec(table);
    const named = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name = ?");
    for (const [name, move] of FROM_BEFORE)
      if (named.all([name]).length > 0) {
        database.exec(move);
        database.exec(`DROP TABLE ${name}`);
      }
    database.exec('COMMIT');
  } catch (error) {
    if (database.inTransaction) database.exec('ROLLBACK');
    throw error;
  }
}
