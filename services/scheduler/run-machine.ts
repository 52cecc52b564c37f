// The life of a run as one typed state machine: what each event does in each state. Pure; claims.ts performs what it decides.
// Every number of a claim (its fence) is given once: whoever holds an older one is refused and changes nothing.
import { unreachable } from '@hakiri/base/assert';

/** Who holds the run, and until when. `owner` is the token that claimed it: no other token may speak for the claim. */
export type Holder = { node: string; owner: string; leaseUntilMs: number };
type Common = {
  /** How often the run was claimed; the number of the last claim. */
  fence: number;
  /** Finished steps. */
  steps: number;
  /** When it was first claimed. */
  startedAtMs: number | null;
};
export type OpenRun =
  | (Common & { state: 'waiting' })
  | (Common & { state: 'claimed' | 'running'; holder: Holder; cancelRequested: boolean });
type EndedRun = Common & {
  state: 'succeeded' | 'failed' | 'cancelled';
  finishedAtMs: number;
  error: string | null;
};
export type RunLife = OpenRun | EndedRun;

export type RunEvent =
  | { kind: 'claim'; holder: Holder }
  | { kind: 'heartbeat'; fence: number; owner: string; leaseUntilMs: number }
  | { kind: 'step'; fence: number; owner: string; index: number; leaseUntilMs: number }
  | { kind: 'finish'; fence: number; owner: string; outcome: EndedRun['state']; error: string | null }
  /** The lease ran out. */
  | { kind: 'expire' }
  /** Its node started anew and gives back what it held. */
  | { kind: 'release'; node: string }
  | { kind: 'cancel' };

export type RunDecision =
  | { kind: 'changed'; life: RunLife }
  /** A repeat, or nothing to do: answered like the first time, nothing is written. */
  | { kind: 'unchanged' }
  | { kind: 'stale' }
  | { kind: 'conflict'; detail: string };

/** A run that was given out this often and never came to its end is failed: it may be what kills the nodes. */
export type RunLimits = { claimsLimit: number };

export function decideRun(life: RunLife, event: RunEvent, nowMs: number, limits: RunLimits): RunDecision {
  switch (life.state) {
    case 'waiting':
      return whileWaiting(life, event, nowMs);
    case 'claimed':
    case 'running':
      return whileHeld(life, event, nowMs, limits);
    case 'succeeded':
    case 'failed':
    case 'cancelled':
      return whenEnded(life, event);
    default:
      return unreachable(life);
  }
}

function whileWaiting(
  life: Extract<RunLife, { state: 'waiting' }>,
  event: RunEvent,
  nowMs: number,
): RunDecision {
  switch (event.kind) {
    case 'claim':
      return changed({
        ...common(life),
        state: 'claimed',
        fence: life.fence + 1,
        startedAtMs: life.startedAtMs ?? nowMs,
        holder: event.holder,
        cancelRequested: false,
      });
    case 'cancel':
      return changed(ended(life, 'cancelled', nowMs, null));
    case 'heartbeat':
    case 'step':
    case 'finish':
      return { kind: 'stale' };
    case 'expire':
    case 'release':
      return { kind: 'unchanged' };
    default:
      return unreachable(event);
  }
}

type HeldRun = Extract<RunLife, { state: 'claimed' | 'running' }>;

function whileHeld(life: HeldRun, event: RunEvent, nowMs: number, limits: RunLimits): RunDecision {
  switch (event.kind) {
    case 'claim':
      return { kind: 'conflict', detail: `It is held by the node ${life.holder.node}.` };
    case 'heartbeat':
      if (!holds(life, event)) return { kind: 'stale' };
      return changed(carriedOn(life, event.leaseUntilMs));
    case 'step':
      if (!holds(life, event)) return { kind: 'stale' };
      if (event.index < life.steps) return { kind: 'unchanged' };
      if (event.index > life.steps) return { kind: 'conflict', detail: gap(event.index, life.steps) };
      return changed({ ...carriedOn(life, event.leaseUntilMs), steps: life.steps + 1 });
    case 'finish':
      if (!holds(life, event)) return { kind: 'stale' };
      return changed(ended(life, event.outcome, nowMs, event.error));
    case 'expire':
      if (nowMs < life.holder.leaseUntilMs) return { kind: 'unchanged' };
      return changed(givenBack(life, nowMs, limits));
    case 'release':
      return event.node === life.holder.node
        ? changed(givenBack(life, nowMs, limits))
        : { kind: 'unchanged' };
    case 'cancel':
      return life.cancelRequested ? { kind: 'unchanged' } : changed({ ...life, cancelRequested: true });
    default:
      return unreachable(event);
  }
}

function whenEnded(life: EndedRun, event: RunEvent): RunDecision {
  switch (event.kind) {
    case 'claim':
      return { kind: 'conflict', detail: `It has ${life.state} already.` };
    case 'heartbeat':
      return { kind: 'stale' };
    case 'step':
      return event.fence === life.fence && event.index < life.steps
        ? { kind: 'unchanged' }
        : { kind: 'stale' };
    case 'finish':
      return event.fence === life.fence && event.outcome === life.state
        ? { kind: 'unchanged' }
        : { kind: 'stale' };
    case 'expire':
    case 'release':
      return { kind: 'unchanged' };
    case 'cancel':
      if (life.state === 'cancelled') return { kind: 'unchanged' };
      return { kind: 'conflict', detail: `It has ${life.state} already: there is nothing left to cancel.` };
    default:
      return unreachable(event);
  }
}

/** An expired lease that nobody has taken yet still counts: its holder may carry on. */
function holds(life: HeldRun, claim: { fence: number; owner: string }): boolean {
  return claim.fence === life.fence && claim.owner === life.holder.owner;
}

function carriedOn(life: HeldRun, leaseUntilMs: number): HeldRun {
  return {
    ...life,
    state: 'running',
    holder: { ...life.holder, leaseUntilMs: Math.max(life.holder.leaseUntilMs, leaseUntilMs) },
  };
}

function givenBack(life: HeldRun, nowMs: number, limits: RunLimits): RunLife {
  if (life.cancelRequested) return ended(life, 'cancelled', nowMs, null);
  if (life.fence >= limits.claimsLimit)
    return ended(
      life,
      'failed',
      nowMs,
      `Given up: ${life.fence} claims ended without the node finishing it.`,
    );
  return { ...common(life), state: 'waiting' };
}

function ended(life: OpenRun, state: EndedRun['state'], nowMs: number, error: string | null): EndedRun {
  return { ...common(life), state, finishedAtMs: nowMs, error };
}

function common({ fence, steps, startedAtMs }: Common): Common {
  return { fence, steps, startedAtMs };
}

function changed(life: RunLife): RunDecision {
  return { kind: 'changed', life };
}

function gap(index: number, steps: number): string {
  return `Step ${index} does not follow: ${steps} steps are finished, so the next has index ${steps}.`;
}
