import { expect, test } from 'bun:test';
import { createPrng } from '@hakiri/base/prng';
import { LoroDoc, LoroList, LoroMap } from 'loro-crdt';
import { changedPipelines } from './changes.ts';
import { describeChanges } from './history.ts';
import { changesIn, meaningOf } from './operations.ts';
import { readPipeline } from './read.ts';
import { newKey, pipelinesOf } from './schema.ts';
import { selectScope } from './scope.ts';

const SEED = 20_261_121;
const TOO_LARGE = 2 ** 53;

/** What a raw client may write: a number that JavaScript has not, in all places that Loro has. */
function madeBy(peer: `${number}`) {
  const doc = new LoroDoc();
  doc.setPeerId(peer);
  const key = newKey();
  const entity = pipelinesOf(doc).setContainer(key, new LoroMap<Record<string, unknown>>());
  entity.set('id', 'orders');
  const source = entity.setContainer('source', new LoroMap<Record<string, unknown>>());
  return { doc, key, entity, source };
}

test('[SY11.30] a number that JavaScript has not is read rounded, and hides nothing of what stands beside it', () => {
  const { doc, key, entity, source } = madeBy('7');
  source.set('kind', 'csv-file');
  source.set('offset', TOO_LARGE);
  source.set('least', -(2 ** 60));
  entity.set('deep', { list: [1, TOO_LARGE, { more: TOO_LARGE }] });
  const list = entity.setContainer('list', new LoroList());
  list.push(TOO_LARGE);
  list.push('after');
  source.set('ref', 'orders.csv');
  doc.commit();
  const spans = [{ peer: '7' as const, start: 0, end: doc.opCount() }];
  expect(() => doc.exportJsonInIdSpan({ peer: '7', counter: 0, length: doc.opCount() })).toThrow();

  expect(changedPipelines(doc, new Map())).toMatchObject({ kind: 'some', pipelines: new Set([key]) });
  expect(describeChanges(doc, spans)).toEqual([{ root: 'pipelines', key, fields: [''] }]);
  expect(selectScope(doc, { kind: 'pipelines', pipelines: ['orders'] })).toEqual([key]);
  expect(readPipeline(doc, key)?.source).toEqual({
    kind: 'csv-file',
    ref: 'orders.csv',
    offset: TOO_LARGE,
    least: -(2 ** 60),
  });
  const fields = changesIn(doc, spans)
    .flatMap(({ ops }) => ops.map(meaningOf))
    .flatMap((one) => (one.kind === 'field' && !one.field.startsWith('li') ? [[one.field, one.value]] : []));
  expect(fields).toEqual([
    ['id', 'orders'],
    ['source', '🦜:cid:2@7:Map'],
    ['kind', 'csv-file'],
    ['offset', TOO_LARGE],
    ['least', -(2 ** 60)],
    ['deep', { list: [1, TOO_LARGE, { more: TOO_LARGE }] }],
    ['ref', 'orders.csv'],
  ]);
});

test('[SY11.30] the same operations are read, with their origins, as of a document without such a number', () => {
  const prng = createPrng(SEED);
  for (let round = 0; round < 50; round++) {
    const [odd, even] = [madeBy('7'), madeBy('7')];
    for (let n = 0; n < 40; n++) {
      const isOdd = prng.below(4) === 0;
      const field = `f${prng.below(9)}`;
      odd.source.set(field, isOdd ? TOO_LARGE + 2 * n : n);
      even.source.set(field, n);
      if (prng.below(5) === 0)
        for (const { doc } of [odd, even]) doc.commit({ message: `m${n}`, timestamp: n });
    }
    const [read, expected] = [odd, even].map(({ doc, key }) => {
      doc.commit();
      const spans = [{ peer: '7' as const, start: 0, end: doc.opCount() }];
      return changesIn(doc, spans).flatMap(({ id, lamport, ops }) =>
        ops.map(({ counter, container, content }) => ({
          lamport: lamport + counter - Number(id.split('@')[0]),
          counter,
          container,
          field: 'key' in content && content.key !== key ? content.key : '',
        })),
      );
    });
    expect({ round, seed: SEED, read }).toEqual({ round, seed: SEED, read: expected });
  }
});
