// Writing until nothing is left to write, into a real document that does not hold all of it as it was given.
import { expect, test } from 'bun:test';
import { readConfig } from '@hakiri/config-doc/read';
import { applyEdit } from '@hakiri/config-doc/reconcile';
import { versionOf } from '@hakiri/config-doc/version';
import type { ConfigDraft } from '@hakiri/contracts/config';
import type { EditRequest } from '@hakiri/contracts/sync';
import { LoroDoc } from 'loro-crdt';
import { keyOf, pipeline } from '../testing/bed-peer.ts';
import { planEdits } from './import-plan.ts';
import { createWritePlanned } from './planned-write.ts';

const TARGET = { team: 'default', doc: 'main' };
const CAUSE = { actor: { kind: 'user' as const, id: 'ada' } };

/** `meanwhile` happens before each write, as long as there is one. */
function bench(file: ConfigDraft, meanwhile: (() => void)[] = []) {
  const doc = new LoroDoc();
  let writes = 0;
  const write = async (_target: unknown, batches: readonly EditRequest[]) => {
    writes += 1;
    meanwhile.shift()?.();
    const changed = batches.map((batch) => applyEdit(doc, batch)).reduce((sum, count) => sum + count, 0);
    doc.commit();
    return { version: versionOf(doc), batches: batches.length, entries: 0, changed };
  };
  const writePlanned = createWritePlanned({
    writer: { write },
    store: { audit: async () => {} },
    onAudited: () => {},
  });
  const look = async () => {
    const [draft, version] = [readConfig(doc), versionOf(doc)];
    const plan = planEdits(file, draft, 'merge', () => keyOf(90));
    if (plan.kind !== 'planned') throw new Error(plan.kind);
    return { plan, documents: [{ target: TARGET, draft, version, entries: plan.entries }] };
  };
  return {
    doc,
    writes: () => writes,
    /** What people had there before, or write meanwhile. */
    edit: (edit: Partial<EditRequest>) => {
      applyEdit(doc, { put: [], putVariables: [], delete: [], deleteVariables: [], ...edit });
      doc.commit();
    },
    run: (dryRun: boolean, seen?: string) =>
      writePlanned(
        {
          ...{ dryRun, seen, look, action: 'doc.import', detail: () => ({}) },
          words: { nothing: 'Nothing was written.', again: 'Again.' },
        },
        CAUSE,
      ),
  };
}
const step = (body: string) => ({ key: keyOf(50), kind: 'sql', body, inputs: [] });

test('[AP13.32] a step that is another pipeline’s already differs for ever: it is written as far as it can be, and answered', async () => {
  const file = pipeline(2, { transforms: [step('select 2')] });
  const room = bench({ pipelines: [file], variables: [] });
  const there = pipeline(1, { transforms: [step('select 1')] });
  applyEdit(room.doc, { put: [there], putVariables: [], delete: [], deleteVariables: [] });
  room.doc.commit();
  const { documents } = await room.run(false);
  expect(readConfig(room.doc).pipelines).toMatchObject([there, { id: 'p-2', transforms: [] }]);
  expect(documents.get('main')?.version).toBe(versionOf(room.doc));
  // The second found that nothing of it takes.
  expect(room.writes()).toBe(2);
});

test('[AP13.32] what is whole at the first write is looked at once more, and a dry run writes nothing', async () => {
  const room = bench({ pipelines: [pipeline(1)], variables: [] });
  expect((await room.run(true)).documents.get('main')).toMatchObject({ updates: 1 });
  expect(room.writes()).toBe(0);
  const { documents } = await room.run(false);
  expect(documents.get('main')).toMatchObject({ before: { pipelines: [] }, updates: 1 });
  expect(room.writes()).toBe(1);
});

test('[AP9.13] what somebody edits between the look that compared the digest and its write is not written over, and the rest that was written is said', async () => {
  const file = [pipeline(1, { description: 'file' }), pipeline(2, { description: 'file' })];
  const theirs = pipeline(1, { description: 'theirs, meanwhile' });
  const room = bench({ pipelines: file, variables: [] }, [() => room.edit({ put: [theirs] })]);
  room.edit({ put: [pipeline(1), pipeline(2)] });
  const { digest } = await room.run(true);
  const outcome = room.run(false, digest);
  await expect(outcome).rejects.toMatchObject({ code: 'document_moved' });
  await expect(outcome).rejects.toThrow(/the rest is written/);
  expect(readConfig(room.doc).pipelines).toMatchObject([theirs, { description: 'file' }]);
});

test('[AP9.13] where the edit meanwhile left nothing to write, it is said that nothing was written', async () => {
  const room = bench({ pipelines: [pipeline(1, { description: 'file' })], variables: [] }, [
    () => room.edit({ put: [pipeline(1, { description: 'theirs' })] }),
  ]);
  room.edit({ put: [pipeline(1)] });
  const { digest } = await room.run(true);
  await expect(room.run(false, digest)).rejects.toThrow(/Nothing was written/);
});

test('[AP9.13] what somebody deletes meanwhile is not made anew, and an edit elsewhere is no matter', async () => {
  const file = [pipeline(1, { description: 'file' }), pipeline(2, { description: 'file' })];
  const gone = bench({ pipelines: file, variables: [] }, [() => gone.edit({ delete: [keyOf(1)] })]);
  gone.edit({ put: [pipeline(1), pipeline(2)] });
  await expect(gone.run(false, (await gone.run(true)).digest)).rejects.toMatchObject({
    code: 'document_moved',
  });
  expect(readConfig(gone.doc).pipelines).toMatchObject([{ id: 'p-2', description: 'file' }]);
  const elsewhere = bench({ pipelines: file, variables: [] }, [
    () => elsewhere.edit({ put: [pipeline(3, { description: 'theirs' })] }),
  ]);
  elsewhere.edit({ put: [pipeline(1), pipeline(2), pipeline(3)] });
  await elsewhere.run(false, (await elsewhere.run(true)).digest);
  expect(readConfig(elsewhere.doc).pipelines.map(({ description }) => description)).toEqual([
    ...['file', 'file', 'theirs'],
  ]);
});

test('[AP9.13, AP13.32] what the document cannot hold is not taken for an edit of somebody', async () => {
  const file = pipeline(2, { description: 'file', transforms: [step('select 2')] });
  const room = bench({ pipelines: [file], variables: [] });
  room.edit({ put: [pipeline(1, { transforms: [step('select 1')] }), pipeline(2)] });
  const { digest } = await room.run(true);
  await room.run(false, digest);
  expect(readConfig(room.doc).pipelines).toMatchObject([
    { id: 'p-1' },
    { id: 'p-2', description: 'file', transforms: [] },
  ]);
});
