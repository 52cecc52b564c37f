// Taking back while people edit: real documents, and somebody who edits them between what the revert reads and what it writes.
import { expect, test } from 'bun:test';
import { present } from '@hakiri/base/assert';
import { materializePage } from '@hakiri/config-doc/materialize';
import { readConfig } from '@hakiri/config-doc/read';
import { applyEdit } from '@hakiri/config-doc/reconcile';
import { versionOf } from '@hakiri/config-doc/version';
import type { PipelineDraft } from '@hakiri/contracts/config';
import type { RevertBody } from '@hakiri/contracts/revert';
import type { EditRequest } from '@hakiri/contracts/sync';
import { asManifest } from '@hakiri/manifest/shape';
import { createSimulatedClock } from '@hakiri/testing/simulated-clock';
import { LoroDoc } from 'loro-crdt';
import { keyOf, pipeline } from '../testing/bed-peer.ts';
import { revisionOf } from '../testing/bed-store.ts';
import { createWritePlanned } from './planned-write.ts';
import { createRevertWriter } from './revert-writing.ts';

const NOTHING: EditRequest = { put: [], putVariables: [], delete: [], deleteVariables: [] };
const CAUSE = { actor: { kind: 'user' as const, id: 'ada' } };
const put = (...pipelines: PipelineDraft[]): EditRequest => ({ ...NOTHING, put: pipelines });
const V1 = [pipeline(1), pipeline(2)];
/** Live, and what the document has. */
const V2 = [pipeline(1, { enabled: false }), pipeline(2)];

/** `meanwhile` happens before each write, as long as there is one. */
function bench(meanwhile: EditRequest[]) {
  const doc = new LoroDoc();
  const edit = (request: EditRequest): number => {
    const changed = applyEdit(doc, request);
    doc.commit();
    return changed;
  };
  edit(put(...V2));
  const [v1, v2] = [revisionOf(1), revisionOf(2)];
  const write = async (_target: unknown, batches: readonly EditRequest[]) => {
    const others = meanwhile.shift();
    if (others) edit(others);
    const changed = batches.map(edit).reduce((sum, count) => sum + count, 0);
    return { version: versionOf(doc), batches: batches.length, entries: 0, changed };
  };
  let audits = 0;
  const audit = async () => void audits++;
  const reverter = createRevertWriter({
    writer: {
      read: async () => ({ version: versionOf(doc), draft: readConfig(doc), moved: [] }),
      refusal: async () => undefined,
    },
    writePlanned: createWritePlanned({ writer: { write }, store: { audit }, onAudited: () => {} }),
    revisions: {
      get: async () => v1,
      config: async (_team, revision) => manifestOf(revision === v1 ? V1 : V2),
    },
    history: { latest: async () => v2 },
    random: { ulid: () => keyOf(99), bytes: (length: number) => new Uint8Array(length) },
    clock: createSimulatedClock(),
    openRequestsLimit: 32,
  });
  return {
    audits: () => audits,
    /** The one document, and what an Apply of it takes. */
    revert: async (body: Partial<RevertBody> = {}) => {
      const { documents } = await reverter.write('default', { to: 'v1', ...body }, true, CAUSE);
      const told = present(documents[0], 'the document');
      const page = materializePage(doc, {
        scope: present(told.scope, 'what to apply'),
        version: told.version,
      });
      if (page.kind !== 'page') throw new Error(page.kind);
      return {
        told: told.pipelines.map((one) =>
          one.kind === 'changed' ? [one.id, ...one.fields.map(({ path }) => path)] : [one.id, one.kind],
        ),
        applied: page.pipelines,
        updates: told.updates,
      };
    },
  };
}

function manifestOf(pipelines: PipelineDraft[]) {
  const read = asManifest({ pipelines, variables: [] });
  if (read.kind !== 'manifest') throw new Error(read.kind);
  return read.manifest;
}

test('[AP9.12] a whole revert during which somebody edits another pipeline goes live as it was then, and tells what it wrote over', async () => {
  const { revert } = bench([put(pipeline(2, { source: { kind: 'csv', ref: 'half-typed' } }))]);
  const { told, applied, updates } = await revert();
  expect(applied).toMatchObject(V1);
  expect(told).toEqual([
    ['p-1', '/enabled'],
    ['p-2', '/source/ref'],
  ]);
  expect(updates).toBe(2);
});

test('[AP9.12] an edit of the very pipeline is not written over before it was looked at, and is told', async () => {
  const room = bench([put(pipeline(1, { enabled: false, description: 'half-typed' }))]);
  const { told, applied } = await room.revert({ pipelines: ['p-1'] });
  expect(applied).toMatchObject([V1[0]]);
  expect(told).toEqual([['p-1', '/description', '/enabled']]);
  expect(room.audits()).toBe(2);
});

test('[AP9.12] people who never stop editing it are told of, and nothing goes live', async () => {
  const again = [1, 2, 3].map((count) => put(pipeline(1, { description: `theirs ${count}` })));
  const outcome = bench(again).revert({ pipelines: ['p-1'] });
  await expect(outcome).rejects.toMatchObject({ code: 'conflict' });
});
