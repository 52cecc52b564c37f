// The nodes' side: claim a run by long poll, keep it by heartbeats, checkpoint its steps, finish it; and the other end of a
// claim, when its lease runs out. Only the token that holds the newest claim of a run can write to it.
import { utf8 } from '@hakiri/base/bytes';
import { PipelineConfig } from '@hakiri/contracts/config';
import { ProblemError } from '@hakiri/contracts/problem';
import {
  type Claim,
  type ClaimBody,
  type FinishBody,
  type HeartbeatReply,
  type PlacesReply,
  STEP_RESULT_LIMIT_BYTES,
  STEPS_LIMIT,
  type StepBody,
} from '@hakiri/contracts/scheduler';
import type { Clock } from '@hakiri/substrate/clock';
import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { type By, isoTime, runView, SCHEDULER } from './announce.ts';
import { type NodeOffer, placesOf, slotsOf } from './placement.ts';
import type { RunEvent } from './run-machine.ts';
import type { Runs, Settled } from './runs.ts';
import { commit, type RunRow, type RunStore, type StepRow } from './store.ts';
import type { Waiters } from './waiters.ts';

/** A node at work: its token, and in which trace it asks. */
export type Worker = { team: string; owner: string; traceparent: string };
type Poll = {
  signal: AbortSignal;
  /** Asked before every look, so that a token revoked during a poll gets nothing. @throws ProblemError */
  stillAllowed(): Promise<void>;
};

/** Of a team; those that were not seen for the retention no longer count. */
const NODES_LIMIT = 1_000;
const EXPIRE_BATCH = 100;
const VariablesBody = Type.Record(Type.String(), Type.String());

export type Claims = ReturnType<typeof createClaims>;

export function createClaims(deps: {
  store: RunStore;
  runs: Runs;
  waiters: Waiters;
  clock: Clock;
  leaseMs: number;
}) {
  const { store, runs, waiters, clock, leaseMs } = deps;

  async function claim(
    worker: Worker,
    body: Static<typeof ClaimBody>,
    poll: Poll,
  ): Promise<Claim | undefined> {
    const offer: NodeOffer = body;
    const by = byNode(body.node, worker.traceparent);
    const untilMs = clock.now() + body.waitS * 1000;
    const waiter = waiters.enter(worker.team, worker.owner);
    try {
      await remember(worker.team, offer);
      if (body.restarted) await releaseAll(worker.team, body.node, by);
      for (;;) {
        await poll.stillAllowed();
        if (poll.signal.aborted) return undefined;
        const row = await claimNext(worker, offer, by);
        if (row !== undefined) return await described(row);
        if (!(await waiter.rung(untilMs - clock.now(), poll.signal))) return undefined;
      }
    } finally {
      waiter.close();
    }
  }

  async function remember(team: string, offer: NodeOffer): Promise<void> {
    await store.write(async (orm) => {
      if ((await store.otherNodes(team, offer.node)) >= NODES_LIMIT)
        throw new ProblemError(
          'conflict',
          `The team has ${NODES_LIMIT} nodes already. Give nodes names that last.`,
        );
      await commit(orm, [store.sawNode(team, offer, clock.now())]);
    });
  }

  async function claimNext(worker: Worker, offer: NodeOffer, by: By): Promise<RunRow | undefined> {
    const slots = slotsOf(offer);
    const settled = await runs.settle(
      () => store.nextWaiting(worker.team, slots),
      (nowMs) => ({
        kind: 'claim',
        holder: { node: offer.node, owner: worker.owner, leaseUntilMs: nowMs + leaseMs },
      }),
      by,
    );
    return settled.kind === 'done' ? settled.row : undefined;
  }

  async function places(team: string): Promise<PlacesReply> {
    const rows = await store.nodes(team, '', NODES_LIMIT);
    return placesOf(rows.map(({ name, ...offer }) => ({ ...offer, node: name })));
  }

  /** A node that starts anew holds nothing: what it held before waits again at once. */
  async function releaseAll(team: string, node: string, by: By): Promise<void> {
    for (const { id } of await store.heldBy(team, node))
      await runs.settle(
        () => store.find(id),
        () => ({ kind: 'release', node }),
        by,
      );
  }

  async function described(row: RunRow): Promise<Claim> {
    const [pipeline, variables, steps] = await Promise.all([
      store.body(row.body),
      store.body(row.variables),
      store.steps(row.id),
    ]);
    return {
      run: runView(row),
      fence: row.fence,
      leaseMs,
      pipeline: Value.Parse(PipelineConfig, JSON.parse(pipeline)),
      variables: Value.Parse(VariablesBody, JSON.parse(variables)),
      steps: steps.map(stepView),
    };
  }

  /** Settles an event of the node that holds run `id`. */
  async function held(
    worker: Worker,
    id: string,
    event: (nowMs: number) => RunEvent,
    checkpoint?: (nowMs: number) => StepRow,
  ): Promise<RunRow> {
    const row = await ofTeam(worker.team, id);
    const by = byNode(row.node ?? worker.owner, worker.traceparent);
    const settled = await runs.settle(
      () => store.find(id),
      event,
      by,
      (_, nowMs) => (checkpoint ? [store.insertStep(checkpoint(nowMs))] : []),
    );
    return accepted(settled, id);
  }

  async function ofTeam(team: string, id: string): Promise<RunRow> {
    const row = await store.find(id);
    if (row?.team === team) return row;
    throw noRun(id);
  }

  async function heartbeat(
    worker: Worker,
    id: string,
    fence: number,
  ): Promise<Static<typeof HeartbeatReply>> {
    const { owner } = worker;
    return reply(
      await held(worker, id, (now) => ({ kind: 'heartbeat', fence, owner, leaseUntilMs: now + leaseMs })),
    );
  }

  async function step(worker: Worker, id: string, body: StepBody): Promise<Static<typeof HeartbeatReply>> {
    const { fence, index, name } = body;
    const { owner } = worker;
    const result = checkedResult(body);
    const row = await held(
      worker,
      id,
      (now) => ({ kind: 'step', fence, owner, index, leaseUntilMs: now + leaseMs }),
      (now) => ({ run: id, index, name, fence, finishedAtMs: now, result }),
    );
    return reply(row);
  }

  function finish(worker: Worker, id: string, body: Static<typeof FinishBody>): Promise<RunRow> {
    const { fence, outcome, error = null } = body;
    return held(worker, id, () => ({ kind: 'finish', fence, owner: worker.owner, outcome, error }));
  }

  /** Takes back every claim whose lease has run out. */
  async function expire(traceparent: string): Promise<void> {
    for (;;) {
      const rows = await store.expired(clock.now(), EXPIRE_BATCH);
      for (const { id } of rows)
        await runs.settle(
          () => store.find(id),
          () => ({ kind: 'expire' }),
          { actor: SCHEDULER, traceparent },
        );
      if (rows.length < EXPIRE_BATCH) return;
    }
  }

  function reply(row: RunRow): Static<typeof HeartbeatReply> {
    return { leaseMs, cancel: row.cancelRequested };
  }

  return { claim, places, heartbeat, step, finish, expire };
}

export function stepView({ index, name, fence, finishedAtMs, result }: StepRow): Claim['steps'][number] {
  const parsed: unknown = JSON.parse(result);
  return { index, name, fence, finishedAt: isoTime(finishedAtMs), result: parsed };
}

/** The JSON to keep. @throws ProblemError `too_large`. */
function checkedResult({ index, result }: StepBody): string {
  if (index >= STEPS_LIMIT)
    throw new ProblemError('too_large', `A run has at most ${STEPS_LIMIT} steps: split the pipeline.`);
  const text = JSON.stringify(result) ?? 'null';
  const sizeBytes = utf8(text).length;
  if (sizeBytes <= STEP_RESULT_LIMIT_BYTES) return text;
  throw new ProblemError(
    'too_large',
    `The result of step ${index + 1} is ${sizeBytes} bytes of JSON; at most ${STEP_RESULT_LIMIT_BYTES} are kept. Write the data to a file and name that.`,
  );
}

function accepted(settled: Settled, id: string): RunRow {
  switch (settled.kind) {
    case 'done':
    case 'repeated':
      return settled.row;
    case 'stale':
      throw staleClaim(id);
    case 'conflict':
      throw new ProblemError('conflict', settled.detail);
    case 'missing':
      throw noRun(id);
  }
}

/** Told to a node. */
export function noRun(id: string): ProblemError {
  return new ProblemError('not_found', `There is no run ${id}. Stop working on it.`);
}

export function staleClaim(id: string): ProblemError {
  return new ProblemError(
    'stale_claim',
    `Run ${id} is no longer yours under that fence. Stop working on it.`,
  );
}

function byNode(node: string, traceparent: string): By {
  return { actor: { kind: 'node', id: node }, traceparent };
}
