// Whose page is measured: an embedded deployment with so many pipelines, applied, and a stock client that edits them as a colleague.
import { createClient } from '@hakiri/client/client';
import { createPipeline, setText } from '@hakiri/config-doc/edit';
import { newKey } from '@hakiri/config-doc/schema';
import { versionOf } from '@hakiri/config-doc/version';
import { embeddedDeployment } from '@hakiri/tests/deployments';
import { join } from '@hakiri/tests/people';

/** So many at a time, as a program would that brings a whole team along. */
const AT_A_TIME = 250;
const GROUPS = 10;
/** Without a common divisor with the number of pipelines: each has its turn. */
const STRIDE = 37;

export type Team = {
  url: string;
  /** Opens once. */
  link: string;
  /** Changes the name of one pipeline after another, each change an update of its own. How many there were. */
  edit(): number;
  /** Of the one that the list shows first: an update of its own. */
  nameFirst(name: string): void;
  snapshot(): Uint8Array;
  /** Told of each update of the colleague. Returns how to stop it. */
  onUpdate(listener: (update: Uint8Array) => void): () => void;
  /** The server has what the colleague did. */
  settled(): Promise<void>;
  stop(): Promise<void>;
};

export async function startTeam(pipelines: number): Promise<Team> {
  const deployment = await embeddedDeployment();
  const { url, ownerToken: token, team, doc } = deployment.ready();
  const client = createClient({ url, token });
  const colleague = await join('colleague', { url, team, doc, token });
  const keys: string[] = [];
  for (let index = 0; index < pipelines; index++) {
    keys.push(createOne(index));
    if (keys.length % AT_A_TIME !== 0 && keys.length < pipelines) continue;
    colleague.doc.commit();
    await colleague.settled();
  }
  // Then no page asks the server to compare all of it.
  await client.apply.apply({ scope: { kind: 'all' }, version: versionOf(colleague.doc) });
  // The first to come has the page built, which none of the starts that are measured waits for.
  const page = await fetch(url, { headers: { accept: 'text/html' } });
  if (!page.ok) throw new Error(await page.text());
  const { code } = await client.auth.createLink({ kind: 'invite', name: 'Bench', role: 'editor' });

  /** As people write them: two transforms and four columns each. */
  function createOne(index: number): string {
    return createPipeline(colleague.doc, {
      id: `pipeline-${String(index).padStart(5, '0')}`,
      name: `Pipeline number ${index}`,
      description: 'Copies what changed since the last run into the warehouse, one partition a day.',
      group: `bench/group-${index % GROUPS}`,
      tags: ['bench', `tier-${index % 3}`],
      source: { kind: 'csv-file', ref: 'orders.csv' },
      destination: { table: `bench.table_${index}` },
      schedule: { kind: 'cron', expr: `${index % 60} 3 * * *`, timezone: 'Europe/Berlin' },
      transforms: [
        { key: newKey(), kind: 'filter', body: `amount > ${index}`, inputs: ['amount'] },
        { key: newKey(), kind: 'select', body: '', inputs: ['id', 'amount', 'country'] },
      ],
      schema: {
        id: { type: 'int64', nullable: false },
        amount: { type: 'float64', nullable: false },
        country: { type: 'utf8', nullable: true },
        created_at: { type: 'timestamp', nullable: false },
      },
    });
  }

  let edits = 0;
  const rename = (key: string, name: string): void => {
    setText(colleague.doc, key, 'name', name);
    colleague.doc.commit();
  };
  return {
    url,
    link: `${url}/#code=${code}`,
    edit() {
      edits += 1;
      rename(keys[(edits * STRIDE) % keys.length] ?? '', `Edited, as edit number ${edits}`);
      return edits;
    },
    nameFirst: (name) => rename(keys[0] ?? '', name),
    snapshot: () => colleague.doc.export({ mode: 'snapshot' }),
    onUpdate: (listener) => colleague.doc.subscribeLocalUpdates(listener),
    settled: colleague.settled,
    async stop() {
      colleague.leave();
      await deployment.stop();
    },
  };
}
