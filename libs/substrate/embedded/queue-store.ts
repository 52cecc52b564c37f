// The durable queue's file: messages in order, and for each durable consumer a floor (all up to it is done) with the
// exceptions above it. One process owns the file; numbers are given in memory and written in their order.
import type { Client, InStatement, Row } from '@libsql/client';
import { createGroupCommit } from '../libsql/group-commit.ts';

export type StoredMessage = { sequence: number; subject: string; data: Uint8Array };
/** What is known of one message above the floor. */
export type Progress = { done: boolean; deliveries: number };
export type StoredConsumer = {
  name: string;
  pattern: string;
  floor: number;
  progress: Map<number, Progress>;
};

const SCHEMA = [
  // `data` comes last: a scan that does not want it then does not read it.
  `CREATE TABLE IF NOT EXISTS message (
     sequence INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, subject TEXT NOT NULL, id TEXT NOT NULL, data BLOB NOT NULL)`,
  'CREATE TABLE IF NOT EXISTS consumer (name TEXT PRIMARY KEY, pattern TEXT NOT NULL, floor INTEGER NOT NULL)',
  `CREATE TABLE IF NOT EXISTS progress (
     consumer TEXT NOT NULL, sequence INTEGER NOT NULL, done INTEGER NOT NULL, deliveries INTEGER NOT NULL,
     PRIMARY KEY (consumer, sequence)) WITHOUT ROWID`,
];

export type QueueStore = Awaited<ReturnType<typeof openQueueStore>>;

export async function openQueueStore(client: Client) {
  await client.batch(SCHEMA, 'write');
  const commits = createGroupCommit(client);
  const last = await client.execute("SELECT seq FROM sqlite_sequence WHERE name = 'message'");
  let given = Number(last.rows[0]?.seq ?? 0);
  let committed = given;

  return {
    /** The newest durable message's number; commits keep the order, so nothing older is still to come. */
    committed: () => committed,

    async add(subject: string, id: string, data: Uint8Array, at: number): Promise<void> {
      given += 1;
      const sequence = given;
      await commits.run([
        {
          sql: 'INSERT INTO message (sequence, at, subject, id, data) VALUES (?, ?, ?, ?, ?)',
          args: [sequence, at, subject, id, data],
        },
      ]);
      committed = Math.max(committed, sequence);
    },

    async consumers(): Promise<StoredConsumer[]> {
      const consumers = await client.execute('SELECT name, pattern, floor FROM consumer');
      const progress = await client.execute('SELECT consumer, sequence, done, deliveries FROM progress');
      return consumers.rows.map((row) => ({
        name: String(row.name),
        pattern: String(row.pattern),
        floor: Number(row.floor),
        progress: new Map(
          progress.rows
            .filter((one) => one.consumer === row.name)
            .map((one) => [
              Number(one.sequence),
              { done: one.done === 1, deliveries: Number(one.deliveries) },
            ]),
        ),
      }));
    },

    async saveConsumer(name: string, pattern: string, floor: number): Promise<void> {
      await commits.run([
        {
          sql: `INSERT INTO consumer (name, pattern, floor) VALUES (?, ?, ?)
                ON CONFLICT (name) DO UPDATE SET pattern = excluded.pattern`,
          args: [name, pattern, floor],
        },
      ]);
    },

    async saveProgress(name: string, floor: number, changed: Map<number, Progress>): Promise<void> {
      const statements: InStatement[] = [...changed]
        .filter(([sequence]) => sequence > floor)
        .map(([sequence, { done, deliveries }]) => ({
          sql: 'INSERT OR REPLACE INTO progress (consumer, sequence, done, deliveries) VALUES (?, ?, ?, ?)',
          args: [name, sequence, done ? 1 : 0, deliveries],
        }));
      statements.push(
        { sql: 'UPDATE consumer SET floor = max(floor, ?) WHERE name = ?', args: [floor, name] },
        { sql: 'DELETE FROM progress WHERE consumer = ? AND sequence <= ?', args: [name, floor] },
      );
      await commits.run(statements);
    },

    /** The first messages after a number on subjects like `glob`, oldest first. A glob may find more than the pattern means. */
    async after(sequence: number, glob: string, limit: number): Promise<StoredMessage[]> {
      const found = await client.execute({
        sql: 'SELECT sequence, subject, data FROM message WHERE sequence > ? AND subject GLOB ? ORDER BY sequence LIMIT ?',
        args: [sequence, glob, limit],
      });
      return found.rows.map(messageOf);
    },

    async get(sequence: number): Promise<StoredMessage | undefined> {
      const found = await client.execute({
        sql: 'SELECT sequence, subject, data FROM message WHERE sequence = ?',
        args: [sequence],
      });
      const row = found.rows[0];
      return row && messageOf(row);
    },

    /** Ids enqueued since `at`, oldest first. */
    async idsSince(at: number): Promise<{ subject: string; id: string; at: number }[]> {
      const found = await client.execute({
        sql: 'SELECT subject, id, at FROM message WHERE at > ? ORDER BY sequence',
        args: [at],
      });
      return found.rows.map((row) => ({
        subject: String(row.subject),
        id: String(row.id),
        at: Number(row.at),
      }));
    },

    async headersAfter(
      sequence: number,
      limit: number,
    ): Promise<{ sequence: number; subject: string; at: number }[]> {
      const found = await client.execute({
        sql: 'SELECT sequence, subject, at FROM message WHERE sequence > ? ORDER BY sequence LIMIT ?',
        args: [sequence, limit],
      });
      return found.rows.map((row) => ({
        sequence: Number(row.sequence),
        subject: String(row.subject),
        at: Number(row.at),
      }));
    },

    async remove(sequences: readonly number[]): Promise<void> {
      await commits.run(
        sequences.map((sequence) => ({ sql: 'DELETE FROM message WHERE sequence = ?', args: [sequence] })),
      );
    },

    async close(): Promise<void> {
      await commits.close();
      client.close();
    },
  };
}

function messageOf(row: Row): StoredMessage {
  const data = row.data;
  if (!(data instanceof ArrayBuffer)) throw new Error('a queued message is not bytes');
  return { sequence: Number(row.sequence), subject: String(row.subject), data: new Uint8Array(data) };
}
