import { expect, test } from 'bun:test';
import { type ApplyPolicy, NO_POLICY } from '@hakiri/contracts/policy';
import type { TokenRole } from '@hakiri/contracts/roles';
import { canonicalPipeline } from '@hakiri/manifest/canonical';
import { asManifest } from '@hakiri/manifest/shape';
import { createSimulatedClock } from '@hakiri/testing/simulated-clock';
import type { RequestRow } from '../store/store-rows.ts';
import { pipeline } from '../testing/bed-peer.ts';
import { createGate } from './gate.ts';

const PROTECTED: ApplyPolicy = {
  ...NO_POLICY,
  requireMessage: true,
  protected: [{ group: 'prod', approvals: 1, by: { roles: ['admin'], users: [] } }],
};
const applier: TokenRole = 'applier';
const row = (kind: RequestRow['kind']): RequestRow => ({
  id: '01HZ',
  team: 'default',
  author: 'alice',
  authorRole: applier,
  untilMs: null,
  revert: null,
  idempotencyKey: 'a-key-of-its-own',
  bodyHash: '',
  body: { scope: { kind: 'all' }, version: 'v', message: 'why' },
  kind,
  traceparent: '',
  auditId: '',
  createdAtMs: 0,
  state: 'requested',
  wokenAtMs: null,
  wakeAtMs: null,
  heldUnder: null,
  reserved: false,
  awaiting: null,
  granted: null,
  revision: null,
  unchanged: false,
  warnings: null,
  problem: null,
  finishedAtMs: null,
});
const config = (changes: Parameters<typeof pipeline>[1]) => {
  const shaped = asManifest({ pipelines: [canonicalPipeline(pipeline(1, changes))], variables: [] });
  if (shaped.kind !== 'manifest') throw new Error('no manifest');
  return shaped.manifest;
};

test('[AP12.14] a minor revision passes, but not one that takes a pipeline into or out of a protected group', async () => {
  const gate = createGate({
    rows: { approvals: async () => [] },
    policies: {
      policy: async () => ({ version: 1, policy: PROTECTED }),
      savePolicy: async () => undefined,
    },
    authors: { personOf: async () => undefined, stillApproving: async () => [] },
    clock: createSimulatedClock(),
  });
  const pass = (before: Parameters<typeof config>[0], after: Parameters<typeof config>[0]) =>
    gate.pass(row('minor'), { before: config(before), after: config(after), kind: 'different' });
  const prod = { group: 'prod/etl' };
  expect(await pass(prod, { ...prod, description: 'new', tags: ['x'] })).toEqual({ kind: 'pass', policy: 1 });
  expect(await pass(prod, { group: 'prod/other' })).toEqual({ kind: 'pass', policy: 1 });
  expect(await pass({ group: 'lab' }, { group: 'lab/x' })).toEqual({ kind: 'pass', policy: 1 });
  for (const [before, after] of [
    [prod, { group: 'lab' }],
    [{ group: 'lab' }, prod],
  ] as const)
    expect(await pass(before, after)).toMatchObject({
      kind: 'stop',
      input: { kind: 'forbidden', problem: { code: 'denied' } },
    });
});

test('[AP12.9] an approval that is not enough, or of something else, does not begin the time to approve anew; other content does, or another policy', async () => {
  const clock = createSimulatedClock();
  let version = 1;
  const gate = createGate({
    rows: { approvals: async () => [] },
    policies: {
      policy: async () => ({ version, policy: PROTECTED }),
      savePolicy: async () => undefined,
    },
    authors: { personOf: async () => undefined, stillApproving: async () => [] },
    clock,
  });
  const held = async (awaiting: RequestRow['awaiting'], group = 'prod') => {
    const after = config({ group });
    const gated = await gate.pass(
      { ...row('apply'), awaiting },
      { before: undefined, after, kind: 'different' },
    );
    if (gated.kind !== 'stop' || !gated.awaiting || gated.input.kind !== 'held') throw new Error(gated.kind);
    expect(gated.input.expiresAtMs).toBe(gated.awaiting.expiresAtMs ?? 0);
    return gated.awaiting;
  };
  const first = await held(null);
  await clock.advance(60_000);
  expect(await held(first)).toEqual(first);
  const later = (first.expiresAtMs ?? 0) + 60_000;
  expect((await held(first, 'prod/other')).expiresAtMs).toBe(later);
  version = 2;
  expect((await held(first)).expiresAtMs).toBe(later);
});
