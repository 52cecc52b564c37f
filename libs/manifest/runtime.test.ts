// What counts as running, and what does not.
import { expect, test } from 'bun:test';
import type { PipelineConfig } from '@hakiri/contracts/config';
import { renderManifest } from './render.ts';
import { runtimeOf } from './runtime.ts';

const PIPELINE: PipelineConfig = {
  key: '01ARZ3NDEKTSV4RRFFQ69G0001',
  id: 'orders',
  name: 'Orders',
  description: 'all of them',
  tags: ['sales'],
  group: 'shop/sales',
  enabled: true,
  source: { kind: 'csv-file', ref: 'orders.csv' },
  destination: { table: 'orders' },
  schedule: { kind: 'every', expr: '1h' },
  placement: { kind: 'auto' },
  transforms: [],
  schema: {},
};
const VARIABLE = { key: '01ARZ3NDEKTSV4RRFFQ69G0002', name: 'BUCKET', value: 'a', comment: 'where it lies' };

function runtimeText(pipeline: Partial<PipelineConfig>, variable: Partial<typeof VARIABLE> = {}): string {
  const config = {
    pipelines: [{ ...PIPELINE, ...pipeline }],
    variables: [{ ...VARIABLE, ...variable }],
  };
  return renderManifest(runtimeOf(config));
}

test('[AP7.1] what only people read changes nothing that runs', () => {
  const before = runtimeText({});
  const cosmetic = { name: 'All orders', description: '', tags: [], group: 'sales', doc: 'sales' };
  expect(runtimeText(cosmetic, { comment: '' })).toBe(before);
});

test('[AP7.1] everything else does', () => {
  const before = runtimeText({});
  const changes: Partial<PipelineConfig>[] = [
    { id: 'orders-2' },
    { enabled: false },
    { source: { kind: 'csv-file', ref: 'other.csv' } },
    { destination: { table: 'other' } },
    { schedule: { kind: 'every', expr: '2h' } },
    { placement: { kind: 'node', target: 'a' } },
    { transforms: [{ key: '01ARZ3NDEKTSV4RRFFQ69G0003', kind: 'select', body: 'id', inputs: [] }] },
    { schema: { id: { type: 'string', nullable: false } } },
  ];
  for (const change of changes) expect(runtimeText(change)).not.toBe(before);
  expect(runtimeText({}, { value: 'b' })).not.toBe(before);
});
