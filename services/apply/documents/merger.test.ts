// Merging while people edit: a real document, and somebody who edits it between what the merge reads and what it writes.
import { expect, test } from 'bun:test';
import { readConfig } from '@hakiri/config-doc/read';
import { applyEdit } from '@hakiri/config-doc/reconcile';
import { versionOf } from '@hakiri/config-doc/version';
import type { AuditRecord } from '@hakiri/contracts/auth';
import type { PipelineDraft } from '@hakiri/contracts/config';
import type { EditRequest } from '@hakiri/contracts/sync';
import { EMPTY_CONFIG } from '@hakiri/manifest/canonical';
import { scopeFilter } from '@hakiri/manifest/scope';
import { createSlices } from '@hakiri/service/slices';
import { createSimulatedClock } from '@hakiri/testing/simulated-clock';
import { LoroDoc } from 'loro-crdt';
import { prepare } from '../requests/prepare.ts';
import type { FolderBase } from '../store/store-folders.ts';
import { keyOf, pipeline } from '../testing/bed-peer.ts';
import type { DocumentWriter } from './document-writer.ts';
import { createMerger } from './merger.ts';
import { createWritePlanned } from './planned-write.ts';

const NOTHING: EditRequest = { put: [], putVariables: [], delete: [], deleteVariables: [] };
const TARGET = { team: 'default', doc: 'main' };
const CAUSE = { actor: { kind: 'user' as const, id: 'ci' } };
const files = (...pipelines: PipelineDraft[]) => [{ name: 'a.json', text: JSON.stringify({ pipelines }) }];

/** `meanwhile` happens before each write, as long as there is one. */
function bench(meanwhile: EditRequest[]) {
  const afterwards: EditRequest[] = [];
  const doc = new LoroDoc();
  const edit = (request: EditRequest): number => {
    const changed = applyEdit(doc, request);
    doc.commit();
    return changed;
  };
  const writer: DocumentWriter = {
    read: async () => ({ version: versionOf(doc), draft: readConfig(doc), moved: [] }),
    refusal: async () => undefined,
    tryWrite: async () => {},
    write: async (_target, batches) => {
      const others = meanwhile.shift();
      if (others) edit(others);
      const changed = batches.map(edit).reduce((sum, count) => sum + count, 0);
      const written = { version: versionOf(doc), batches: batches.length, entries: 0, changed };
      for (const late of afterwards.splice(0)) edit(late);
      return written;
    },
  };
  const notes = new Map<string, FolderBase>();
  let made = 100;
  let sliced = 0;
  const clock = createSimulatedClock();
  const slices = createSlices(clock);
  const audited: Record<string, unknown>[] = [];
  const audit = async (_team: string, _cause: unknown, { detail }: AuditRecord) => void audited.push(detail);
  const merger = createMerger({
    writer,
    writePlanned: createWritePlanned({ writer, store: { audit }, onAudited: () => {} }),
    outlook: {
      live: async () => ({ revision: undefined, config: EMPTY_CONFIG }),
      apply: async (_target, _live, scope, after) => {
        const draft = { ...after, pipelines: after.pipelines.filter(scopeFilter(scope)) };
        const pieces = prepare(undefined, scope, draft, { doc: 'main' });
        for (;;) {
          const piece = pieces.next();
          if (piece.done) return piece.value;
        }
      },
    },
    revisions: {
      get: () => Promise.reject(new Error('no revision was asked for')),
      config: async () => EMPTY_CONFIG,
      page: async () => ({ revisions: [] }),
    },
    store: {
      folderBase: async ({ folder }) => notes.get(folder),
      keepFolderBase: async ({ folder }, base) => {
        notes.set(folder, base);
      },
    },
    random: { ulid: () => keyOf(made++), bytes: (length: number) => new Uint8Array(length) },
    clock,
    slices: {
      perform: (pieces) => {
        sliced += 1;
        return slices.perform(pieces);
      },
    },
  });
  return {
    notes,
    audited,
    afterWrite: (...edits: EditRequest[]) => void afterwards.push(...edits),
    version: () => versionOf(doc),
    sliced: () => sliced,
    edit,
    merge: (...mine: PipelineDraft[]) =>
      merger.merge(TARGET, { folder: 'git', files: files(...mine) }, CAUSE),
    keys: () => readConfig(doc).pipelines.map(({ id, key }) => [String(id), key]),
    pipelines: () => Object.fromEntries(readConfig(doc).pipelines.map((one) => [String(one.id), one])),
  };
}
const put = (...pipelines: PipelineDraft[]): EditRequest => ({ ...NOTHING, put: pipelines });

test('[AP13.17] another field that somebody edits while it is written is merged anew, and nothing is lost', async () => {
  const theirs = pipeline(1, { description: 'theirs' });
  const room = bench([NOTHING, put(theirs)]);
  expect((await room.merge(pipeline(1), pipeline(2))).kind).toBe('merged');
  expect((await room.merge(pipeline(1, { group: 'mine' }), pipeline(2, { group: 'mine' }))).kind).toBe(
    'merged',
  );
  expect(room.pipelines()).toMatchObject({
    'p-1': { group: 'mine', description: 'theirs' },
    'p-2': { group: 'mine' },
  });
  expect(room.notes.get('git')?.files.pipelines).toMatchObject([{ description: '' }, {}]);
});

test('[AP13.17] the same field is a conflict: theirs stays, and the base stays what it was', async () => {
  const room = bench([NOTHING, put(pipeline(1, { group: 'theirs' }))]);
  await room.merge(pipeline(1));
  const base = room.notes.get('git');
  const outcome = await room.merge(pipeline(1, { group: 'mine' }));
  expect(outcome).toMatchObject({
    kind: 'conflicts',
    conflicts: [{ path: '/pipelines/p-1/group', base: 'odd', mine: 'mine', theirs: 'theirs' }],
    detail: expect.stringContaining('Somebody edited while it was written'),
  });
  expect([room.pipelines()['p-1']?.group, room.notes.get('git')]).toEqual(['theirs', base]);
  // Made the same, it goes.
  expect((await room.merge(pipeline(1, { group: 'theirs' }))).kind).toBe('merged');
});

test('[AP13.18] what is edited while it is deleted is a conflict, and stays', async () => {
  const room = bench([NOTHING, put(pipeline(2, { group: 'theirs' }))]);
  await room.merge(pipeline(1), pipeline(2));
  expect(await room.merge(pipeline(1))).toMatchObject({
    kind: 'conflicts',
    conflicts: [{ path: '/pipelines/p-2', theirs: { group: 'theirs' } }],
  });
  expect(room.pipelines()).toMatchObject({ 'p-2': { group: 'theirs' } });
});

test('[AP13.17] people who never stop editing it are told of, and not written over', async () => {
  const again = [1, 2, 3].map((count) => put(pipeline(1, { description: `theirs ${count}` })));
  const room = bench([NOTHING, ...again]);
  await room.merge(pipeline(1));
  const outcome = room.merge(pipeline(1, { group: 'mine' }));
  await expect(outcome).rejects.toMatchObject({ code: 'conflict' });
  expect(room.pipelines()).toMatchObject({ 'p-1': { description: 'theirs 3', group: 'odd' } });
  expect((await room.merge(pipeline(1, { group: 'mine' }))).kind).toBe('merged');
});

test('[AP13.26] what somebody else adds under the same id while it is written is that entry, and is merged', async () => {
  const theirs = { ...pipeline(1), key: keyOf(50) };
  const room = bench([put(theirs)]);
  const { key: _key, ...mine } = pipeline(1);
  expect((await room.merge({ ...mine, key: '' }, { ...pipeline(2), key: '' })).kind).toBe('merged');
  expect(room.keys()).toEqual([
    ['p-1', keyOf(50)],
    ['p-2', expect.any(String)],
  ]);
  expect(room.notes.get('git')?.files.pipelines.map(({ key }) => key)[0]).toBe(keyOf(50));
  // Another value of theirs is a conflict, not a second entry.
  const other = bench([put({ ...theirs, group: 'theirs' })]);
  expect((await other.merge({ ...mine, key: '' })).kind).toBe('conflicts');
  expect(other.keys()).toHaveLength(1);
});

test('[AP4.10] a merge goes on in the slices of its process, not in some of its own', async () => {
  const room = bench([]);
  await room.merge(pipeline(1));
  // Files, the difference; and of both looks the three ways, what is pending, misfits.
  expect(room.sliced()).toBe(2 + 2 * 3);
});

test('[AP13.32] what somebody drafts in another pipeline while it is written is named, and the version has nothing that nobody looked at', async () => {
  const room = bench([NOTHING, put(pipeline(1, { enabled: false, description: 'half-typed' }))]);
  await room.merge(pipeline(1));
  const outcome = await room.merge(pipeline(1), pipeline(2));
  if (outcome.kind !== 'merged') throw new Error(outcome.kind);
  const { drafts, diff, version } = outcome.result;
  expect(drafts).toMatchObject([{ path: '/pipelines/p-1', fields: ['/description', '/enabled'] }]);
  // What the merge did is told, and not what they did.
  expect(diff.pipelines).toMatchObject([{ kind: 'added', id: 'p-2' }]);
  expect([version, room.notes.get('git')?.version]).toEqual([room.version(), room.version()]);
});

test('[AP13.32] nor has it what they write between one batch and the next, or after the last', async () => {
  const room = bench([NOTHING]);
  await room.merge(pipeline(1));
  room.afterWrite(put(pipeline(1, { description: 'half-typed' })));
  const outcome = await room.merge(pipeline(1), pipeline(2));
  if (outcome.kind !== 'merged') throw new Error(outcome.kind);
  expect(outcome.result.drafts).toMatchObject([{ path: '/pipelines/p-1', fields: ['/description'] }]);
  // Each write is on record, and the look that wrote nothing is none.
  expect(room.audited).toMatchObject([
    { folder: 'git', entries: 1, written: { changed: 1 } },
    { folder: 'git', entries: 1, written: { changed: 1 } },
  ]);
});
