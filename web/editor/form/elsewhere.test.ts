// What other pipelines have in a field is proposed, read once and within a bound.
import { expect, test } from 'bun:test';
import { createPipeline } from '@hakiri/config-doc/edit';
import { LoroDoc } from 'loro-crdt';
import { collect, optionsOf, ownOptions, PROPOSALS_LIMIT, tableOf } from './elsewhere.ts';

function documentOf(count: number): { doc: LoroDoc; keys: string[] } {
  const doc = new LoroDoc();
  const keys = Array.from({ length: count }, (_, index) =>
    createPipeline(doc, {
      id: `p-${index}`,
      source: {
        kind: index % 2 === 0 ? 'csv-file' : 'queue',
        ref: 'r',
        ...(index === 1 ? { topic: 't' } : {}),
      },
      destination: { table: `shop.t${index % 700}` },
    }),
  );
  return { doc, keys };
}

const collected = (of: Parameters<typeof collect>[0], read: Parameters<typeof collect>[1]) =>
  new Promise<readonly string[]>((resolve) => void collect(of, read, resolve));

test('[PG1.54] tables of other pipelines are proposed, each once, no more than somebody reads', async () => {
  expect(await collected(documentOf(3), tableOf)).toEqual(['shop.t0', 'shop.t1', 'shop.t2']);
  expect(await collected(documentOf(0), tableOf)).toEqual([]);
  const many = documentOf(1_500);
  let reads = 0;
  const found = await collected(many, (doc, key) => {
    reads += 1;
    return tableOf(doc, key);
  });
  expect([found.length, new Set(found).size, reads]).toEqual([
    PROPOSALS_LIMIT,
    PROPOSALS_LIMIT,
    PROPOSALS_LIMIT,
  ]);
});

test('[PG1.54] the options of a kind are those that it has, and those that others of it have', async () => {
  const { doc, keys } = documentOf(4);
  expect(await collected({ doc, keys, known: ownOptions('queue') }, optionsOf('queue'))).toEqual(['topic']);
  expect(await collected({ doc, keys, known: ownOptions('csv-file') }, optionsOf('csv-file'))).toEqual([
    'delimiter',
  ]);
  expect(ownOptions('constructor')).toEqual([]);
});
