// Hocuspocus with SQLite as its documentation sets it up, on a free port: `node hocuspocus.js <database> [<name> <file>]…`
// puts the files into the database first, each as the state of a document.
import { readFileSync } from 'node:fs';
import { SQLite, schema, upsertQuery } from '@hocuspocus/extension-sqlite';
import { Server } from '@hocuspocus/server';
import BetterSqlite3 from 'better-sqlite3';

const [database, ...prepared] = process.argv.slice(2);
const db = new BetterSqlite3(database);
db.exec(schema);
for (let at = 0; at < prepared.length; at += 2)
  db.prepare(upsertQuery).run({ name: prepared[at], data: readFileSync(prepared[at + 1]) });
db.close();

const server = new Server({
  address: '127.0.0.1',
  port: 0,
  quiet: true,
  stopOnSignals: false,
  extensions: [new SQLite({ database })],
});
await server.listen();
process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${server.address.port}` })}\n`);
