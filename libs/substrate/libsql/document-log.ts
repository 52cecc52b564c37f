// DocumentLog in a libSQL database. Every write carries its own condition (this epoch, this position), so fencing holds
// inside the transaction whoever else writes; concurrent appends, to any documents, share one commit.
import type { Client, InStatement, Row } from '@libsql/client';
import { type DocumentId, type DocumentLog, DocumentLogError, type LoadedLog } from '../document-log.ts';
import { checkGroup } from '../log-group.ts';
import { createGroupCommit, type GroupCommit } from './group-commit.ts';

// The base lies apart from the head: the head is rewritten at every append.
const SCHEMA = [
  `CREATE TABLE IF NOT EXISTS document (
     id INTEGER PRIMARY KEY, team TEXT NOT NULL, doc TEXT NOT NULL,
     epoch INTEGER NOT NULL, position INTEGER NOT NULL, UNIQUE (team, doc))`,
  `CREATE TABLE IF NOT EXISTS base (
     document INTEGER PRIMARY KEY, position INTEGER NOT NULL, data BLOB NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS entry (
     document INTEGER NOT NULL, position INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (document, position))`,
];

const HEAD_IS = 'team = ? AND doc = ? AND epoch = ? AND position = ?';

/** The caller owns `client`; `close` waits for appends under way. */
export async function openDocumentLog(client: Client): Promise<DocumentLog & { close(): Promise<void> }> {
  await client.batch(SCHEMA, 'write');
  const commits = createGroupCommit(client);

  async function head({ team, doc }: DocumentId): Promise<Row | undefined> {
    const found = await client.execute({
      sql: 'SELECT id, epoch, position FROM document WHERE team = ? AND doc = ?',
      args: [team, doc],
    });
    return found.rows[0];
  }

  async function refusal(id: DocumentId, epoch: number, position: number): Promise<DocumentLogError> {
    const now = await head(id);
    if (now === undefined || Number(now.epoch) !== epoch)
      return new DocumentLogError(
        'stale_epoch',
        `epoch ${epoch} of ${id.team}/${id.doc} is over: open it again`,
      );
    return new DocumentLogError(
      'wrong_position',
      `${id.team}/${id.doc} is at ${now.position}, not at ${position}`,
    );
  }

  return {
    open: async (id) => {
      await run(commits, [
        {
          sql: `INSERT INTO document (team, doc, epoch, position) VALUES (?, ?, 1, 0)
                ON CONFLICT (team, doc) DO UPDATE SET epoch = epoch + 1`,
          args: [id.team, id.doc],
        },
      ]);
      return unavailable(() => load(client, id));
    },
    append: async (id, epoch, position, entries) => {
      checkGroup(entries);
      if (entries.length === 0) return position;
      const changed = await run(commits, appendStatements(id, epoch, position, entries));
      if (changed.at(-1) !== 1) throw await refusal(id, epoch, position);
      return position + entries.length;
    },
    compact: async (id, epoch, position, base) => {
      const changed = await run(commits, compactStatements(id, epoch, position, base));
      if (changed[0] !== 1) throw await refusal(id, epoch, position);
    },
    list: (team) =>
      unavailable(async () => {
        const found = await client.execute({
          sql: 'SELECT doc FROM document WHERE team = ? ORDER BY doc',
          args: [team],
        });
        return found.rows.map((row) => String(row.doc));
      }),
    close: () => commits.close(),
  };
}

/** Entries first, then the head: all see the head as it was, and the last says whether it was as expected. */
function appendStatements(
  id: DocumentId,
  epoch: number,
  position: number,
  entries: readonly Uint8Array[],
): InStatement[] {
  const expected = [id.team, id.doc, epoch, position];
  const inserts = entries.map((data, at) => ({
    sql: `INSERT INTO entry (document, position, data) SELECT id, ?, ? FROM document WHERE ${HEAD_IS}`,
    args: [position + at, data, ...expected],
  }));
  const advance = {
    sql: `UPDATE document SET position = ? WHERE ${HEAD_IS}`,
    args: [position + entries.length, ...expected],
  };
  return [...inserts, advance];
}

/** The base may stand before the head: entries appended since stay. The second statement acts only when the first did. */
function compactStatements(id: DocumentId, epoch: number, position: number, base: Uint8Array): InStatement[] {
  const holds = 'team = ? AND doc = ? AND epoch = ? AND position >= ?';
  return [
    {
      sql: `INSERT INTO base (document, position, data) SELECT id, ?, ? FROM document WHERE ${holds}
            ON CONFLICT (document) DO UPDATE SET position = excluded.position, data = excluded.data
            WHERE excluded.position >= base.position`,
      args: [position, base, id.team, id.doc, epoch, position],
    },
    {
      sql: `DELETE FROM entry WHERE position < ? AND document = (SELECT id FROM document WHERE ${holds})`,
      args: [position, id.team, id.doc, epoch, position],
    },
  ];
}

async function load(client: Client, id: DocumentId): Promise<LoadedLog> {
  const where = 'document = (SELECT id FROM document WHERE team = ? AND doc = ?)';
  const args = [id.team, id.doc];
  const [heads, bases, entries] = await client.batch(
    [
      { sql: 'SELECT epoch, position FROM document WHERE team = ? AND doc = ?', args },
      { sql: `SELECT data FROM base WHERE ${where}`, args },
      { sql: `SELECT data FROM entry WHERE ${where} ORDER BY position`, args },
    ],
    'read',
  );
  const head = heads?.rows[0];
  const base = bases?.rows[0];
  return {
    epoch: Number(head?.epoch),
    base: base && bytesOf(base),
    entries: (entries?.rows ?? []).map(bytesOf),
    position: Number(head?.position),
  };
}

function bytesOf(row: Row): Uint8Array {
  const data = row.data;
  if (!(data instanceof ArrayBuffer)) throw new DocumentLogError('unavailable', 'a log entry is not bytes');
  return new Uint8Array(data);
}

function run(commits: GroupCommit, statements: InStatement[]): Promise<number[]> {
  return unavailable(() => commits.run(statements));
}

async function unavailable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new DocumentLogError('unavailable', 'the document log could not be read or written', { cause });
  }
}
