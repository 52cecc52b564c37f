// Merging a folder of files with a document: each rule by itself, then what holds of any three configurations.
import { describe, expect, test } from 'bun:test';
import type { ConfigDraft, PipelineDraft } from '@hakiri/contracts/config';
import { anyManifest } from '@hakiri/testing/config-arbitraries';
import fc from 'fast-check';
import { canonicalDraft } from './shape.ts';
import { finished } from './testing/finished.ts';
import { mergeThreeWay as merging } from './three-way.ts';

const mergeThreeWay = (...sides: Parameters<typeof merging>) => finished(merging(...sides));

const keyOf = (number: number): string => `01HZ${String(number).padStart(22, '0')}`;
let made = 900;
const newKey = (): string => {
  made += 1;
  return keyOf(made);
};
const pipeline = (id: string, changes: Partial<PipelineDraft> = {}): PipelineDraft => ({
  key: '',
  id,
  name: id,
  description: '',
  tags: [],
  group: '',
  enabled: true,
  source: { kind: 'csv', ref: `${id}.csv` },
  destination: { table: `raw.${id}` },
  schedule: { kind: 'cron', expr: '0 6 * * *' },
  placement: { kind: 'auto' },
  transforms: [],
  schema: {},
  ...changes,
});
const of = (...pipelines: PipelineDraft[]): ConfigDraft => ({ pipelines, variables: [] });
const P = keyOf(1);
const had = pipeline('p', { key: P });
/** The folder had `p`, has `mine` of it, and the document has `theirs`. */
const merge = (
  mine: Partial<PipelineDraft>,
  theirs: Partial<PipelineDraft>,
  base: Partial<PipelineDraft> = {},
) => mergeThreeWay(of({ ...had, ...base }), of(pipeline('p', mine)), of({ ...had, ...theirs }), newKey);
const step = (key: string, body: string) => ({ key, kind: 'filter', body, inputs: [] });

describe('[AP13.16] three ways', () => {
  test('what one side changed is taken from that side, field by field', () => {
    const { put, conflicts, files } = merge(
      { schedule: { kind: 'cron', expr: '0 7 * * *' }, tags: ['mine'] },
      {
        description: 'theirs',
        schedule: { kind: 'cron', expr: '0 6 * * *', timezone: 'Europe/Berlin' },
        tags: ['theirs'],
      },
    );
    expect(conflicts).toEqual([]);
    expect(put).toMatchObject([
      {
        key: P,
        description: 'theirs',
        schedule: { kind: 'cron', expr: '0 7 * * *', timezone: 'Europe/Berlin' },
        tags: ['mine', 'theirs'],
      },
    ]);
    expect(files.pipelines).toMatchObject([{ key: P, description: '', tags: ['mine'] }]);
  });

  test('both to the same is no conflict; both to another is one, with all values', () => {
    expect(merge({ group: 'a' }, { group: 'a' })).toMatchObject({ put: [], conflicts: [] });
    expect(merge({ group: 'a' }, { group: 'b' }).conflicts).toEqual([
      { path: '/pipelines/p/group', base: '', mine: 'a', theirs: 'b' },
    ]);
    const column = (type: string) => ({ schema: { kind: { type } } });
    expect(merge(column('a'), column('b'), column('c')).conflicts).toEqual([
      { path: '/pipelines/p/schema/kind/type', base: 'c', mine: 'a', theirs: 'b' },
    ]);
    // What a schedule says depends on its kind: fields of two are not mixed.
    const mixed = merge(
      { schedule: { kind: 'every', expr: '5m' } },
      { schedule: { kind: 'cron', expr: '0 9 * * *' } },
    );
    expect(mixed.conflicts.map(({ path }) => path)).toEqual(['/pipelines/p/schedule']);
  });

  test('steps go by key, also where the file has none', () => {
    const [A, B, C] = [keyOf(11), keyOf(12), keyOf(13)];
    const steps = (...all: unknown[]) => ({ transforms: all });
    const keyless = (body: string) => ({ key: '', kind: 'filter', body, inputs: [] });
    const base = steps(step(A, 'a'), step(B, 'b'));
    const bodies = (drafts: readonly PipelineDraft[]) =>
      drafts.map(({ transforms }) =>
        Array.isArray(transforms) ? transforms.map(({ body }) => body) : transforms,
      );
    const edited = merge(
      steps(keyless('a'), keyless('b2')),
      steps(step(A, 'a2'), step(C, 'c'), step(B, 'b')),
      base,
    );
    expect(edited.conflicts).toEqual([]);
    expect(bodies(edited.put)).toEqual([['a2', 'c', 'b2']]);
    const moved = merge(
      steps(step(B, 'b'), step(A, 'a')),
      steps(step(A, 'a'), step(C, 'c'), step(B, 'b')),
      base,
    );
    expect(bodies(moved.put)).toEqual([['b', 'a', 'c']]);
    const gone = merge(steps(step(A, 'a')), steps(step(A, 'a'), step(B, 'b2')), base);
    expect(gone.conflicts).toMatchObject([{ path: `/pipelines/p/transforms/${B}`, theirs: { body: 'b2' } }]);
  });

  test('deleted from the folder is deleted; what people edited meanwhile is a conflict', () => {
    const other = pipeline('other', { key: keyOf(2) });
    const gone = mergeThreeWay(of(had), of(), of(had, other), newKey);
    expect([gone.deleted.map(({ key }) => key), gone.conflicts]).toEqual([[P], []]);
    expect(gone.after.pipelines.map(({ id }) => id)).toEqual(['other']);
    const edited = mergeThreeWay(of(had), of(), of({ ...had, group: 'b' }), newKey);
    expect(edited.deleted).toEqual([]);
    expect(edited.conflicts).toMatchObject([{ path: '/pipelines/p', theirs: { group: 'b' } }]);
    expect('mine' in (edited.conflicts[0] ?? {})).toBe(false);
  });

  test('deleted by people stays deleted while the file is as it was; else it is a conflict', () => {
    expect(mergeThreeWay(of(had), of(pipeline('p')), of(), newKey)).toMatchObject({
      put: [],
      gone: ['p'],
      conflicts: [],
    });
    const edited = mergeThreeWay(of(had), of(pipeline('p', { group: 'a' })), of(), newKey);
    expect(edited.conflicts).toMatchObject([{ path: '/pipelines/p', mine: { group: 'a' } }]);
    expect('theirs' in (edited.conflicts[0] ?? {})).toBe(false);
  });

  test('a rename in the document is kept under its key, and the file goes on meaning it', () => {
    const { put, conflicts, files } = merge({ group: 'a' }, { id: 'renamed' });
    expect(conflicts).toEqual([]);
    expect(put).toMatchObject([{ key: P, id: 'renamed', group: 'a' }]);
    expect(files.pipelines).toMatchObject([{ key: P, id: 'p' }]);
  });

  test('without a base, what both have and differs in is a conflict, and nothing is deleted', () => {
    const first = mergeThreeWay(
      of(),
      of(pipeline('p', { group: 'a' }), pipeline('q')),
      of(had, pipeline('r', { key: keyOf(3) })),
      newKey,
    );
    expect(first.conflicts).toEqual([{ path: '/pipelines/p/group', mine: 'a', theirs: '' }]);
    expect([first.deleted, first.put.map(({ id }) => id)]).toEqual([[], ['q']]);
  });
});

describe('[AP13.16] of any three configurations', () => {
  const drafts = anyManifest.map((manifest): ConfigDraft => canonicalDraft(manifest));
  const sorted = ({ pipelines, variables }: ConfigDraft) => [
    pipelines.toSorted((a, b) => (a.key < b.key ? -1 : 1)),
    variables.toSorted((a, b) => (a.key < b.key ? -1 : 1)),
  ];

  test('a folder that did not change changes nothing; a document that nobody edited becomes the folder', () => {
    fc.assert(
      fc.property(drafts, drafts, (base, other) => {
        const still = mergeThreeWay(base, base, other, newKey);
        expect([still.put, still.deleted, still.conflicts]).toEqual([[], [], []]);
        const taken = mergeThreeWay(base, other, base, newKey);
        expect(taken.conflicts).toEqual([]);
        expect(sorted(taken.after)).toEqual(sorted(other));
      }),
      { numRuns: 60 },
    );
  });

  /** `base` with some entries gone, some with fields of another, and some more: as one side goes on from it. */
  const goneOn = (base: ConfigDraft) =>
    fc.tuple(drafts, fc.infiniteStream(fc.nat(9))).map(([other, dice]): ConfigDraft => {
      const roll = (): number => dice.next().value;
      const pipelines = base.pipelines.flatMap((pipeline, index) => {
        const from = other.pipelines[index];
        if (roll() === 0) return [];
        if (from === undefined) return [pipeline];
        const fields = Object.entries(from).filter(([field]) => field !== 'key' && roll() < 2);
        return [{ ...pipeline, ...Object.fromEntries(fields) }];
      });
      const more = other.pipelines.filter(() => roll() < 2);
      return canonicalDraft({ pipelines: [...pipelines, ...more], variables: base.variables });
    });
  const threeSides = drafts.chain((base) => fc.tuple(fc.constant(base), goneOn(base), goneOn(base)));

  test('merging again over what it came to changes nothing; whoever merges, the same conflicts', () => {
    let merged = 0;
    let refused = 0;
    fc.assert(
      fc.property(threeSides, ([base, mine, theirs]) => {
        const first = mergeThreeWay(base, mine, theirs, newKey);
        const other = mergeThreeWay(base, theirs, mine, newKey);
        const paths = ({ conflicts }: typeof first) => conflicts.length > 0;
        expect(paths(other)).toBe(paths(first));
        if (first.conflicts.length > 0) {
          refused += 1;
          return;
        }
        merged += 1;
        const again = mergeThreeWay(first.files, mine, first.after, newKey);
        expect([again.put, again.putVariables, again.deleted, again.conflicts]).toEqual([[], [], [], []]);
      }),
      { numRuns: 150 },
    );
    // Both were looked at.
    expect(Math.min(merged, refused)).toBeGreaterThan(5);
  });
});
