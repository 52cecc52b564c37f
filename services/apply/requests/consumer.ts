// Carries requests through: asks the machine what is next, does it, and tells the machine how it went, until nothing is left
// to do or the event has to come again.
import { present, unreachable } from '@hakiri/base/assert';
import { bodyFile } from '@hakiri/contracts/revision';
import { errorFields, type Logger } from '@hakiri/service/logger';
import type { Slices } from '@hakiri/service/slices';
import type { Verdict } from '@hakiri/substrate/bus';
import type { Clock } from '@hakiri/substrate/clock';
import type { Gate } from '../policy/gate.ts';
import type { Waiting } from '../policy/waiting.ts';
import type { Bodies } from '../publish/bodies.ts';
import { release, runtimeDigestOf } from '../publish/body.ts';
import type { Publisher, StagedBody } from '../publish/publisher.ts';
import { composeRevision, nextName } from '../publish/revision.ts';
import type { Signing } from '../publish/signing.ts';
import type { Store } from '../store/store.ts';
import { type RequestRow, type RevisionRow, stateOf } from '../store/store-rows.ts';
import { decide, type Input, type RequestState } from './apply-machine.ts';
import type { Authors } from './authors.ts';
import { faultOf } from './faults.ts';
import type { PrepareRequest } from './fresh.ts';
import { createJudge, type Candidate as Judged } from './judge.ts';
import type { Patience } from './patience.ts';
import type { Step } from './steps.ts';

/** One request of a team at a time (`in-hand.ts`). */
type Consumer = { carry(team: string, request: string, attempt: number): Promise<Verdict> };

type Candidate = Judged & {
  /** On its way since before the commit. */
  sent?: StagedBody;
};

export function createConsumer(deps: {
  store: Store;
  publisher: Publisher;
  prepare: PrepareRequest;
  authors: Pick<Authors, 'check'>;
  gate: Pick<Gate, 'pass'>;
  waiting: Pick<Waiting, 'hold'>;
  bodies: Pick<Bodies, 'remember'>;
  slices: Slices;
  signing: Pick<Signing, 'sign'>;
  clock: Clock;
  logger: Logger;
  patience: Patience;
  step: Step;
  /** Called when a request has its outcome. */
  onFinished(row: RequestRow, end: RequestState): void;
  /** Called when a revision stays in `publishing`. */
  onUnfinished(): void;
}): Consumer {
  const { store, publisher, clock, logger, patience, step } = deps;
  const judge = createJudge(deps);

  async function carry(row: RequestRow, attempt: number): Promise<Verdict> {
    let state = stateOf(row);
    let input: Input = { kind: 'delivered' };
    let candidate: Candidate | undefined;
    for (;;) {
      const { state: next, effect } = decide(state, input, clock.now(), patience);
      try {
        switch (effect.kind) {
          case 'settle':
            return { kind: 'ack' };
          case 'retry':
            if (state.kind === 'publishing') deps.onUnfinished();
            return { kind: 'retry', delayMs: effect.delayMs };
          case 'prepare':
            [input, candidate] = await prepareNext(row, attempt);
            break;
          case 'commit':
            // When somebody else was first, everything starts again from what is there now.
            state = (await commit(row, present(candidate, 'what is valid is a candidate')))
              ? next
              : await currentState(row);
            input = { kind: 'delivered' };
            break;
          case 'publish':
            await publish(await store.ofRequest(row.id), candidate);
            candidate = letGo(candidate);
            input = { kind: 'stored' };
            break;
          case 'finish':
            // When something is newer than what this is the same as, everything starts again, too.
            state = (await finish(row, next, candidate)) ? next : await currentState(row);
            candidate = letGo(candidate);
            input = { kind: 'delivered' };
            break;
          case 'wait':
            state = (await deps.waiting.hold(row, next, present(candidate, 'what waits was judged')))
              ? next
              : await currentState(row);
            candidate = letGo(candidate);
            input = { kind: 'delivered' };
            break;
          case 'resume':
            // Only what wakes it resumes a request; its event begins behind that.
            return { kind: 'ack' };
          default:
            return unreachable(effect);
        }
      } catch (error) {
        logger.warn('apply_interrupted', { request: row.id, during: effect.kind, ...errorFields(error) });
        input = effect.kind === 'finish' ? { kind: 'unwritten', attempt } : faultOf(error, attempt);
        // Never given back: what failed half-way may still be read.
        candidate = undefined;
      }
    }
  }

  async function currentState(row: RequestRow): Promise<RequestState> {
    return stateOf(
      present(await store.request(row.team, row.id), 'a request is kept for a day after its end'),
    );
  }

  async function prepareNext(row: RequestRow, attempt: number): Promise<[Input, Candidate?]> {
    const newest = await store.newest(row.team);
    if (newest?.state === 'publishing') {
      // An earlier revision is committed and not out yet: it goes first.
      deps.onUnfinished();
      await publish(newest);
      await publisher.finish(newest);
    }
    const judged = await judge(row, newest?.meta, attempt);
    if (judged[1] || judged[0].kind === 'invalid') await step('prepared');
    return judged;
  }

  /** Beside the commit the body goes to the blob store: what takes longest is done when the name is given. */
  async function commit(row: RequestRow, candidate: Candidate): Promise<boolean> {
    const { last, outcome } = candidate;
    const sent = publisher.stage(row.team, bodyFile(nextName(last, row.kind)), outcome.body);
    candidate.sent = sent;
    let isCommitted = false;
    try {
      isCommitted = await commitRevision(row, candidate);
      return isCommitted;
    } finally {
      if (!isCommitted) await sent.staged.drop();
    }
  }

  async function commitRevision(
    row: RequestRow,
    { last, before, outcome, body, ...passed }: Candidate,
  ): Promise<boolean> {
    const known = before && { config: before, runtimeDigest: last?.runtimeDigest };
    const runtimeDigest = await deps.slices.perform(runtimeDigestOf(outcome.config, known));
    const composed = composeRevision(
      { author: row.author, body },
      nextName(last, row.kind),
      { ...outcome, runtimeDigest },
      clock.now(),
    );
    const revision = await deps.signing.sign(row.team, composed, last);
    const { bytes } = outcome.body;
    if (!(await store.commitRevision(row, revision, bytes, outcome.warnings, passed))) return false;
    deps.bodies.remember(revision, outcome.config);
    await step('committed');
    return true;
  }

  async function publish(revision: RevisionRow | undefined, candidate?: Candidate): Promise<void> {
    try {
      await put(revision, candidate);
    } finally {
      await candidate?.sent?.staged.drop();
    }
  }

  async function put(revision: RevisionRow | undefined, candidate?: Candidate): Promise<void> {
    if (revision?.state !== 'publishing') return;
    const sent = candidate?.sent;
    // Another process may have committed something else for this request.
    await publisher.put(revision, sent?.body.digest === revision.digest ? sent : undefined);
  }

  /** False when what was decided does not hold any more. */
  async function finish(row: RequestRow, end: RequestState, candidate?: Candidate): Promise<boolean> {
    if (end.kind === 'refused') {
      if (!(await store.finishRefused(row, end.problem))) return false;
    } else if (end.kind === 'published' && end.unchanged) {
      const warnings = candidate?.outcome.warnings ?? [];
      if (!(await store.finishUnchanged(row, candidate?.last, warnings))) return false;
    } else await publisher.finish(present(await store.ofRequest(row.id), 'a revision was committed'));
    deps.onFinished(row, end);
    return true;
  }

  return {
    carry: async (team, id, attempt) => {
      const row = await store.request(team, id);
      return row ? carry(row, attempt) : { kind: 'terminate', reason: 'no such request' };
    },
  };
}

/** What was prepared is not needed any more. */
function letGo(candidate: Candidate | undefined): undefined {
  if (candidate) release(candidate.outcome.body);
}
