import { describe, expect, test } from 'bun:test';
import { decideRun, type RunDecision, type RunEvent, type RunLife } from './run-machine.ts';

const NOW = 1_000_000;
const LEASE_END = NOW + 30_000;
const LIMITS = { claimsLimit: 5 };
const HOLDER = { node: 'n1', owner: 'token-1', leaseUntilMs: NOW + 10_000 };
const MINE = { fence: 2, owner: 'token-1' };

/** One life for each state, claimed twice and with one step finished. */
const LIVES = {
  waiting: { state: 'waiting', fence: 2, steps: 1, startedAtMs: 5 },
  claimed: { state: 'claimed', fence: 2, steps: 1, startedAtMs: 5, holder: HOLDER, cancelRequested: false },
  running: { state: 'running', fence: 2, steps: 1, startedAtMs: 5, holder: HOLDER, cancelRequested: false },
  succeeded: { state: 'succeeded', fence: 2, steps: 1, startedAtMs: 5, finishedAtMs: 9, error: null },
  failed: { state: 'failed', fence: 2, steps: 1, startedAtMs: 5, finishedAtMs: 9, error: 'e' },
  cancelled: { state: 'cancelled', fence: 2, steps: 1, startedAtMs: 5, finishedAtMs: 9, error: null },
} as const satisfies Record<RunLife['state'], RunLife>;

/** One event for each kind, and one for each way in which it may be out of place. */
const EVENTS = {
  claim: { kind: 'claim', holder: { node: 'n2', owner: 'token-2', leaseUntilMs: LEASE_END } },
  heartbeat: { kind: 'heartbeat', ...MINE, leaseUntilMs: LEASE_END },
  'heartbeat, old fence': { kind: 'heartbeat', ...MINE, fence: 1, leaseUntilMs: LEASE_END },
  "heartbeat, another's token": { kind: 'heartbeat', ...MINE, owner: 'token-2', leaseUntilMs: LEASE_END },
  'next step': { kind: 'step', ...MINE, index: 1, leaseUntilMs: LEASE_END },
  'finished step': { kind: 'step', ...MINE, index: 0, leaseUntilMs: LEASE_END },
  'step with a gap': { kind: 'step', ...MINE, index: 2, leaseUntilMs: LEASE_END },
  'step, old fence': { kind: 'step', ...MINE, fence: 1, index: 0, leaseUntilMs: LEASE_END },
  succeed: { kind: 'finish', ...MINE, outcome: 'succeeded', error: null },
  fail: { kind: 'finish', ...MINE, outcome: 'failed', error: 'e' },
  'finish, old fence': { kind: 'finish', ...MINE, fence: 1, outcome: 'succeeded', error: null },
  expire: { kind: 'expire' },
  release: { kind: 'release', node: 'n1' },
  "release, another's node": { kind: 'release', node: 'n2' },
  cancel: { kind: 'cancel' },
} as const satisfies Record<string, RunEvent>;
/** Fails to compile when a kind of event has no entry above. */
const covered: Record<RunEvent['kind'], true> = {
  claim: true,
  heartbeat: true,
  step: true,
  finish: true,
  expire: true,
  release: true,
  cancel: true,
} satisfies Record<(typeof EVENTS)[keyof typeof EVENTS]['kind'], true>;

type Outcome = RunLife['state'] | 'unchanged' | 'stale' | 'conflict';
type Row = Record<keyof typeof EVENTS, Outcome>;

const held = (held: 'claimed' | 'running'): Row => ({
  claim: 'conflict',
  heartbeat: 'running',
  'heartbeat, old fence': 'stale',
  "heartbeat, another's token": 'stale',
  'next step': 'running',
  'finished step': 'unchanged',
  'step with a gap': 'conflict',
  'step, old fence': 'stale',
  succeed: 'succeeded',
  fail: 'failed',
  'finish, old fence': 'stale',
  expire: 'unchanged',
  release: 'waiting',
  "release, another's node": 'unchanged',
  cancel: held,
});
const ended = {
  claim: 'conflict',
  heartbeat: 'stale',
  'next step': 'stale',
  'step with a gap': 'stale',
} as const;
const endedRow = (own: Pick<Row, 'succeed' | 'fail' | 'cancel'>): Row => ({
  ...ended,
  ...own,
  'heartbeat, old fence': 'stale',
  "heartbeat, another's token": 'stale',
  'finished step': 'unchanged',
  'step, old fence': 'stale',
  'finish, old fence': 'stale',
  expire: 'unchanged',
  release: 'unchanged',
  "release, another's node": 'unchanged',
});

const TABLE: Record<RunLife['state'], Row> = {
  waiting: {
    claim: 'claimed',
    heartbeat: 'stale',
    'heartbeat, old fence': 'stale',
    "heartbeat, another's token": 'stale',
    'next step': 'stale',
    'finished step': 'stale',
    'step with a gap': 'stale',
    'step, old fence': 'stale',
    succeed: 'stale',
    fail: 'stale',
    'finish, old fence': 'stale',
    expire: 'unchanged',
    release: 'unchanged',
    "release, another's node": 'unchanged',
    cancel: 'cancelled',
  },
  claimed: held('claimed'),
  running: held('running'),
  succeeded: endedRow({ succeed: 'unchanged', fail: 'stale', cancel: 'conflict' }),
  failed: endedRow({ succeed: 'stale', fail: 'unchanged', cancel: 'conflict' }),
  cancelled: endedRow({ succeed: 'stale', fail: 'stale', cancel: 'unchanged' }),
};

function outcomeOf(decision: RunDecision): Outcome {
  return decision.kind === 'changed' ? decision.life.state : decision.kind;
}

function lifeAfter(life: RunLife, event: RunEvent, nowMs = NOW): RunLife {
  const decision = decideRun(life, event, nowMs, LIMITS);
  if (decision.kind !== 'changed') throw new Error(`it answered ${decision.kind}`);
  return decision.life;
}

describe('every state meets every event', () => {
  for (const [state, row] of Object.entries(TABLE))
    for (const [name, expected] of Object.entries(row))
      test(`[SC4.1] ${state}: ${name} → ${expected}`, () => {
        const life = LIVES[state as RunLife['state']];
        const event = EVENTS[name as keyof typeof EVENTS];
        expect(outcomeOf(decideRun(life, event, NOW, LIMITS))).toBe(expected);
        expect(covered[event.kind]).toBe(true);
      });
});

test('[SC5.3] each claim has a number of its own', () => {
  const first = lifeAfter(LIVES.waiting, EVENTS.claim);
  const again = lifeAfter(lifeAfter(first, { kind: 'release', node: 'n2' }), EVENTS.claim);
  expect([first.fence, again.fence]).toEqual([3, 4]);
});

test('[SC5.2] a claim is taken back only after its lease', () => {
  const end = HOLDER.leaseUntilMs;
  expect(outcomeOf(decideRun(LIVES.running, { kind: 'expire' }, end - 1, LIMITS))).toBe('unchanged');
  expect(lifeAfter(LIVES.running, { kind: 'expire' }, end)).toEqual(LIVES.waiting);
});

test('[SC5.2] a heartbeat extends the lease and never shortens it', () => {
  const longer = lifeAfter(LIVES.running, EVENTS.heartbeat);
  expect(longer).toMatchObject({ holder: { leaseUntilMs: LEASE_END } });
  expect(lifeAfter(longer, { ...EVENTS.heartbeat, leaseUntilMs: NOW })).toEqual(longer);
});

test('[SC3.5] a run that was given out too often is failed instead of waiting again', () => {
  const third = { ...LIVES.running, fence: LIMITS.claimsLimit };
  expect(lifeAfter(third, { kind: 'expire' }, LEASE_END)).toMatchObject({
    state: 'failed',
    finishedAtMs: LEASE_END,
  });
  expect(lifeAfter(third, { kind: 'release', node: 'n1' })).toMatchObject({ state: 'failed' });
});

test('[SC6.3] a held run that is to be cancelled ends with its claim', () => {
  const asked = lifeAfter(LIVES.running, EVENTS.cancel);
  expect(asked).toMatchObject({ state: 'running', cancelRequested: true });
  expect(outcomeOf(decideRun(asked, EVENTS.cancel, NOW, LIMITS))).toBe('unchanged');
  expect(lifeAfter(asked, { kind: 'expire' }, LEASE_END).state).toBe('cancelled');
});

test('[SC3.1] a step counts once, and the start is when the first claim began', () => {
  const claimed = lifeAfter(
    { state: 'waiting', fence: EVENTS['next step'].fence - 1, steps: 0, startedAtMs: null },
    EVENTS.claim,
  );
  expect(claimed).toMatchObject({ state: 'claimed', startedAtMs: NOW });
  const after = lifeAfter(claimed, { ...EVENTS['next step'], owner: 'token-2', index: 0 }, NOW + 5);
  expect(after).toMatchObject({ state: 'running', steps: 1, startedAtMs: NOW });
  expect(
    outcomeOf(decideRun(after, { ...EVENTS['next step'], owner: 'token-2', index: 0 }, NOW, LIMITS)),
  ).toBe('unchanged');
});
