// Seeded SIGKILL in the middle of edits and Applies, again and again on one data directory. After each start, before any
// client could heal anything: every acknowledged edit is there, numbers have no gap, the index names only bodies that are
// there with their digests, and an Apply repeated under its key answers as before.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createPrng, type Prng } from '@hakiri/base/prng';
import { type Client, createClient } from '@hakiri/client/client';
import { setText } from '@hakiri/config-doc/edit';
import { versionOf } from '@hakiri/config-doc/version';
import { blobKey, INDEX_FILE, RevisionIndex } from '@hakiri/contracts/revision';
import { readBody } from '@hakiri/manifest/read-body';
import { Value } from '@sinclair/typebox/value';
import { check } from '../demo/stage.ts';
import type { Deployment } from '../deployments.ts';
import { pipelineOf, join as sitDown, until } from '../people.ts';

const PIPELINES = ['orders', 'users', 'issues', 'events'] as const;
const CONFIGURATION = PIPELINES.map(
  (id) => `[[pipeline]]
id = "${id}"
source = { kind = "csv-file", ref = "${id}.csv" }
destination = { table = "soak.${id}" }
schedule = { kind = "cron", expr = "0 3 * * *" }
`,
).join('\n');

/** An Apply takes about this long: the kill falls into any of its steps. */
const APPLY_WINDOW_MS = 60;

/** By pipeline, the number of its last edit that was acknowledged before the kill. */
type Promised = { edits: Map<string, number>; applies: Map<string, number> };
export type KillReport = { rounds: number; edits: number; revisions: number };

export async function killRounds(
  deployment: Deployment,
  options: { rounds: number; seed: number; onRound?: (round: number) => void },
): Promise<KillReport> {
  const prng = createPrng(options.seed);
  const promised: Promised = { edits: new Map(), applies: new Map() };
  await clientOf(deployment).apply.import(CONFIGURATION, { format: 'toml' });
  let edits = 0;
  for (let round = 0; round < options.rounds; round++) {
    edits = await editUntilKilled(deployment, prng, promised, { round, firstEdit: edits + 1 });
    await deployment.restart();
    await verify(deployment, promised);
    options.onRound?.(round);
  }
  const { revisions } = await clientOf(deployment).apply.revisions();
  return { rounds: options.rounds, edits, revisions: revisions[0]?.number ?? 0 };
}

function clientOf(deployment: Deployment): Client {
  const { url, ownerToken } = deployment.ready();
  return createClient({ url, token: ownerToken });
}

async function editUntilKilled(
  deployment: Deployment,
  prng: Prng,
  promised: Promised,
  { round, firstEdit }: { round: number; firstEdit: number },
): Promise<number> {
  const { url, ownerToken, team, doc } = deployment.ready();
  const editor = await sitDown('editor', { url, token: ownerToken, team, doc });
  const made: { id: string; edit: number }[] = [];
  const killAfter = 1 + prng.below(60);
  const applyAt = prng.below(killAfter);
  const key = `soak-${round}-${firstEdit}`;
  let applying: Promise<unknown> = Promise.resolve();
  for (let step = 0; step < killAfter; step++) {
    const id = prng.pick(PIPELINES);
    const edit = firstEdit + made.length;
    setText(editor.doc, pipelineOf(editor.doc, id).key, 'description', `edit ${edit}`);
    editor.doc.commit();
    made.push({ id, edit });
    if (step === applyAt) {
      // What was seen must be what the server has; an edit meanwhile would refuse it as moved.
      await editor.settled();
      applying = applyOnce(deployment, key, versionOf(editor.doc), promised);
      await Bun.sleep(prng.below(APPLY_WINDOW_MS));
      if (prng.next() < 0.5) break;
    }
    if (prng.next() < 0.3) await Bun.sleep(prng.below(8));
  }
  await until('an edit is acknowledged', () => editor.acknowledged() > 0);
  await deployment.kill();
  for (const { id, edit } of made.slice(0, editor.acknowledged())) promised.edits.set(id, edit);
  editor.leave();
  await applying;
  return firstEdit + made.length;
}

/** Remembers what was answered; a connection that broke promised nothing. */
async function applyOnce(
  deployment: Deployment,
  key: string,
  version: string,
  promised: Promised,
): Promise<void> {
  const { url, ownerToken } = deployment.ready();
  try {
    const response = await fetch(`${url}/v1/manifest/apply`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${ownerToken}`,
        'content-type': 'application/json',
        'idempotency-key': key,
      },
      body: JSON.stringify({ scope: { kind: 'all' }, version }),
    });
    const status = await response.json();
    if (response.status === 200) promised.applies.set(key, status.revision.sequence);
  } catch {
    // Killed in between: the request may or may not have arrived, and nobody was told.
  }
}

async function verify(deployment: Deployment, promised: Promised): Promise<void> {
  const { apply } = clientOf(deployment);
  const view = await apply.document('main');
  for (const [id, edit] of promised.edits) {
    const description = String(view.config.pipelines.find((pipeline) => pipeline.id === id)?.description);
    const found = Number(/^edit (\d+)$/.exec(description)?.[1] ?? 0);
    check(found >= edit, `edit ${edit} of ${id} was acknowledged, but the document says "${description}"`);
  }
  await until('nothing is half published', async () => {
    const { revisions } = await apply.revisions({ limit: 200 });
    const index = await readIndex(deployment);
    return (index?.revisions[0]?.sequence ?? 0) === (revisions[0]?.sequence ?? 0);
  });
  const revisions = await readRevisions(deployment);
  const numbers = revisions.map((revision) => revision.sequence);
  check(
    numbers.every((number, at) => number === (numbers[0] ?? 0) - at),
    `the index has a gap: ${numbers.join(', ')}`,
  );
  for (const revision of revisions) {
    const body = await readBody((key) => readKey(deployment, key), deployment.ready().team, revision);
    check(body.kind === 'whole', `${revision.file} is ${body.kind}`);
  }
  check((numbers.at(-1) ?? 1) === 1, `the index begins with ${numbers.at(-1)}`);
  for (const sequence of promised.applies.values())
    check(numbers.includes(sequence), `revision ${sequence} was answered and is not there`);
}

/** Newest first, with those in the index's pages. */
async function readRevisions(deployment: Deployment): Promise<RevisionIndex['revisions']> {
  const revisions: RevisionIndex['revisions'] = [];
  let index = await readIndex(deployment);
  while (index !== undefined) {
    revisions.push(...index.revisions);
    const { older } = index;
    index = older === undefined ? undefined : await readIndex(deployment, older);
    check(older === undefined || index !== undefined, `the page ${older} is named and not there`);
  }
  return revisions;
}

async function readIndex(deployment: Deployment, file = INDEX_FILE): Promise<RevisionIndex | undefined> {
  const bytes = await readKey(deployment, blobKey(deployment.ready().team, file));
  if (bytes === undefined) return undefined;
  const value: unknown = JSON.parse(bytes.toString());
  check(Value.Check(RevisionIndex, value), 'the index is not an index');
  return value;
}

function readKey(deployment: Deployment, key: string): Promise<Buffer | undefined> {
  return readFile(join(deployment.ready().data, 'blobs', key)).catch(() => undefined);
}
