// The document that is measured: pipelines of 20 transforms of 200 characters and 20 columns each, the same text at every run.
import { createPrng } from '@hakiri/base/prng';
import { createPipeline } from '@hakiri/config-doc/edit';
import { initDocument } from '@hakiri/config-doc/schema';
import { LoroDoc } from 'loro-crdt';

export type Shape = {
  key: string;
  id: string;
  name: string;
  description: string;
  source: { kind: string; ref: string };
  destination: { table: string };
  schedule: { kind: 'cron'; expr: string };
  transforms: { key: string; kind: 'filter'; body: string; inputs: string[] }[];
  schema: Record<string, { type: string; nullable: boolean }>;
};

const TRANSFORMS = 20;
const BODY_CHARACTERS = 200;
const COLUMNS = 20;
const SEED = 7;
const BUILDER_PEER = '900000000001';
const WORDS =
  'select from where order amount customer region total sum join left cast date filter is not null'.split(
    ' ',
  );
const TYPES = ['int64', 'utf8', 'float64', 'timestamp'];

/** The pipeline whose schedule the writers change. */
export function keyOf(pipeline: number): string {
  return `pipeline${String(pipeline).padStart(18, '0')}`;
}

export function* shapes(count: number): Generator<Shape> {
  const prng = createPrng(SEED);
  const text = (characters: number): string => {
    let made = '';
    while (made.length < characters) made += `${prng.pick(WORDS)}_${prng.below(1000)} `;
    return made.slice(0, characters);
  };
  for (let index = 0; index < count; index++)
    yield {
      key: keyOf(index),
      id: `pipeline-${index}`,
      name: `Pipeline ${text(15)}`,
      description: text(150),
      source: { kind: 'csv-file', ref: `orders-${index}.csv` },
      destination: { table: `bench.table_${index}` },
      schedule: { kind: 'cron', expr: `${index % 60} 3 * * *` },
      transforms: Array.from({ length: TRANSFORMS }, (_, at) => ({
        key: `t${at}-${keyOf(index)}`,
        kind: 'filter',
        body: text(BODY_CHARACTERS),
        inputs: ['column_0', `column_${at % COLUMNS}`],
      })),
      schema: Object.fromEntries(
        Array.from({ length: COLUMNS }, (_, at) => [
          `column_${at}`,
          { type: TYPES[at % TYPES.length] ?? '', nullable: at % 3 === 0 },
        ]),
      ),
    };
}

/** One commit a pipeline, as people make them. */
export function buildLoroDocument(count: number): Uint8Array {
  const doc = new LoroDoc();
  doc.setPeerId(BUILDER_PEER);
  initDocument(doc);
  for (const { key, ...shape } of shapes(count)) {
    createPipeline(doc, shape, key);
    doc.commit();
  }
  const snapshot = doc.export({ mode: 'snapshot' });
  doc.free();
  return snapshot;
}
