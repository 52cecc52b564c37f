import { expect, test } from 'bun:test';
import type { PipelineDraft } from '@hakiri/contracts/config';
import { patchPipeline } from './merge-patch.ts';

const keyOf = (number: number): string => `01HZ${String(number).padStart(22, '0')}`;
const before: PipelineDraft = {
  key: keyOf(1),
  id: 'orders',
  name: 'Orders',
  description: '',
  tags: ['eu'],
  group: '',
  enabled: true,
  source: { kind: 'http', ref: 'https://x', retries: 3 },
  destination: { table: 'raw.orders' },
  schedule: { kind: 'cron', expr: '0 6 * * *', timezone: 'Europe/Berlin' },
  placement: { kind: 'auto' },
  transforms: [{ key: keyOf(2), kind: 'filter', body: 'a', inputs: [] }],
  schema: { a: { type: 'int64' } },
};
const patch = (fields: unknown) => patchPipeline(before, fields, () => keyOf(9));
const codes = (fields: unknown) => {
  const result = patch(fields);
  return result.kind === 'refused' ? result.issues.map(({ path, code }) => `${path} ${code}`) : [];
};

test('[AP13.21] objects are merged, null empties, anything else replaces (RFC 7396)', () => {
  const fields = {
    source: { ref: 'https://y', retries: null },
    schedule: { timezone: null },
    tags: ['us'],
    description: null,
    schema: { b: { type: 'utf8' } },
  };
  expect(patch(fields)).toEqual({
    kind: 'patched',
    pipeline: {
      ...before,
      description: null,
      tags: ['us'],
      source: { kind: 'http', ref: 'https://y' },
      schedule: { kind: 'cron', expr: '0 6 * * *' },
      schema: { a: { type: 'int64' }, b: { type: 'utf8' } },
    },
  });
  expect(patch({})).toEqual({ kind: 'patched', pipeline: before });
});

test('[AP13.21] steps without a key keep the identity of the one that they are', () => {
  const step = { kind: 'filter', inputs: [] };
  expect(
    patch({
      transforms: [
        { ...step, body: 'new' },
        { ...step, body: 'a' },
      ],
    }),
  ).toMatchObject({
    pipeline: { transforms: [{ key: keyOf(9) }, { key: keyOf(2) }] },
  });
});

test('[AP13.22] what a pipeline cannot have is refused, all of it at once', () => {
  expect(
    codes({ shedule: {}, key: keyOf(3), doc: 'x', name: 7, tags: [1], source: 'x', enabled: 'yes' }),
  ).toEqual([
    '/shedule patch.unknown_field',
    '/key patch.fixed',
    '/doc patch.fixed',
    '/name patch.type',
    '/tags patch.type',
    '/source patch.type',
    '/enabled patch.type',
  ]);
  expect(codes([])).toEqual([' patch.type']);
  expect(codes(JSON.parse('{"__proto__": {}, "constructor": 1}'))).toEqual([
    '/__proto__ patch.unknown_field',
    '/constructor patch.unknown_field',
  ]);
  // Whether it means something is for an Apply to say.
  expect(codes({ schedule: { expr: 'soon' }, id: 'Anything' })).toEqual([]);
});

test('[AP13.22] within a field, too, what it cannot have is refused; options of a source are open', () => {
  const sent = {
    schedule: { foo: 1, expr: 5 },
    placement: { targets: 'a' },
    destination: { tabel: 't' },
    source: { ref: 1, retries: 4, headers: {} },
    transforms: [{ kind: 'filter', body: 'a', inputs: ['b'], x: 1 }, { body: 2 }],
    schema: { a: { typ: 'int64' }, b: 'int64', __proto__x: { nullable: 'yes' } },
  };
  expect(codes(sent)).toEqual([
    '/schedule/foo patch.unknown_field',
    '/schedule/expr patch.type',
    '/placement/targets patch.unknown_field',
    '/destination/tabel patch.unknown_field',
    '/source/ref patch.type',
    '/source/headers patch.type',
    '/transforms/0/x patch.unknown_field',
    '/transforms/1/body patch.type',
    '/schema/a/typ patch.unknown_field',
    '/schema/b patch.type',
    '/schema/__proto__x/nullable patch.type',
  ]);
  expect(codes(JSON.parse('{"schema": {"__proto__": {"typ": 1}}, "source": {"__proto__": 1}}'))).not.toEqual(
    [],
  );
  expect(
    codes({
      source: { retries: null, compressed: true },
      schedule: { foo: null, timezone: null },
      schema: { a: null, b: { type: 'utf8', nullable: true } },
    }),
  ).toEqual([]);
});
