// Numbers that JavaScript has not, from a client that writes what it likes: everything about the document goes on being read.
import { expect, test } from 'bun:test';
import { createPipeline, setText } from '@hakiri/config-doc/edit';
import { pipelinesOf } from '@hakiri/config-doc/schema';
import { versionOf } from '@hakiri/config-doc/version';
import { HistoryPage } from '@hakiri/contracts/notice';
import { EditDocument, GetOutline, GetTouched, Materialize } from '@hakiri/contracts/subjects';
import { DocumentView, PipelineView } from '@hakiri/contracts/sync';
import { until } from '@hakiri/testing/until';
import { Value } from '@sinclair/typebox/value';
import { LoroMap } from 'loro-crdt';
import { converged, join, openBed } from '../testing/bed.ts';

const TARGET = { team: 'default', doc: 'main' };
const ALICE = { actor: { kind: 'user', id: 'alice' } } as const;
const TOO_LARGE = 2 ** 53;

test('[SY11.31] a number that JavaScript has not stops nobody: what is read, told and edited goes on, also when it was removed, and after a restart', async () => {
  const bed = await openBed({ config: { unloadMs: 1 } });
  const [alice, bob] = [await join(bed, 'alice'), await join(bed, 'bob')];
  const key = createPipeline(alice.doc, { id: 'odd' });
  const other = createPipeline(alice.doc, { id: 'fine' });
  alice.doc.commit();
  await converged(alice, bob);
  const before = versionOf(alice.doc);
  const entity = pipelinesOf(alice.doc).get(key);
  const source = entity instanceof LoroMap ? entity.get('source') : undefined;
  if (!(source instanceof LoroMap)) throw new Error('a pipeline has a source');
  source.set('offset', TOO_LARGE);
  alice.doc.commit();
  setText(bob.doc, key, 'description', 'at the same time');
  bob.doc.commit();
  await converged(alice, bob);

  async function check(expected: number | undefined): Promise<void> {
    const read = async (path: string): Promise<unknown> => {
      const response = await bed.http(path, { token: 'alice' });
      expect([path, response.status]).toEqual([path, 200]);
      return response.json();
    };
    const view = Value.Parse(PipelineView, await read('/v1/docs/main/pipelines/odd'));
    expect(view.source).toEqual(expected === undefined ? {} : { offset: expected });
    expect(Value.Parse(DocumentView, await read('/v1/docs/main')).config.pipelines).toHaveLength(2);
    const history = Value.Parse(HistoryPage, await read('/v1/docs/main/history'));
    const touched = history.entries.flatMap(({ changes }) => changes.map((change) => change.key));
    expect(touched).toContain(key);
    expect(touched).toContain(other);
    const ask = { scope: { kind: 'all' as const }, version: before };
    expect(await bed.deps.messaging.request(Materialize, TARGET, ALICE, ask, 5_000)).toMatchObject({
      kind: 'moved',
      pipelines: [key],
    });
    const named = { scope: { kind: 'pipelines' as const, pipelines: ['fine'] }, version: before };
    expect(await bed.deps.messaging.request(Materialize, TARGET, ALICE, named, 5_000)).toMatchObject({
      kind: 'page',
      pipelines: [{ id: 'fine' }],
    });
    expect(await bed.deps.messaging.request(GetTouched, TARGET, ALICE, {}, 5_000)).toMatchObject({
      kind: 'page',
    });
  }
  await check(TOO_LARGE);
  source.delete('offset');
  alice.doc.commit();
  await until(async () => {
    const { version } = await bed.deps.messaging.request(
      GetOutline,
      TARGET,
      ALICE,
      { entries: false },
      5_000,
    );
    return version === versionOf(alice.doc);
  });
  await check(undefined);
  alice.leave();
  bob.leave();
  await bed.restart();
  await check(undefined);
  await bed.close();
});

test('[SY15.14] an edit over the bus is refused with a value that not every reader has, and nothing of it is written', async () => {
  const bed = await openBed();
  const draft = (source: object) => ({
    key: '01ARZ3NDEKTSV4RRFFQ6000001',
    id: 'p',
    name: '',
    description: '',
    tags: [],
    group: '',
    enabled: true,
    source,
    destination: {},
    schedule: {},
    placement: {},
    transforms: [],
    schema: {},
  });
  const cases = [
    { source: { n: TOO_LARGE }, code: 'number.unsafe', path: '/source/n' },
    { source: { n: [-TOO_LARGE] }, code: 'number.unsafe', path: '/source/n/0' },
    { source: { n: 'a\ud800' }, code: 'text.malformed', path: '/source/n' },
    { source: JSON.parse('{"__proto__": "x"}'), code: 'name.reserved', path: '/source/__proto__' },
  ];
  for (const { source, code, path } of cases) {
    const request = { put: [draft(source)], putVariables: [], delete: [], deleteVariables: [] };
    const reply = await bed.deps.messaging.request(EditDocument, TARGET, ALICE, request, 5_000);
    expect(reply).toMatchObject({ kind: 'refused', code });
    expect(JSON.stringify(reply)).toContain(path);
  }
  const good = { put: [draft({ n: TOO_LARGE - 1 })], putVariables: [], delete: [], deleteVariables: [] };
  const done = await bed.deps.messaging.request(EditDocument, TARGET, ALICE, good, 5_000);
  expect(done).toMatchObject({ kind: 'done', changed: 1 });
  await bed.close();
});
