// What belongs to requests that wait, wired: the policy's gate before a number is given, the waits, who ends them, the timer that
// wakes them, and how they are told.
import { MemberChanged, RequestWaits, TokensRevoked } from '@hakiri/contracts/subjects';
import { errorFields, type Logger } from '@hakiri/service/logger';
import type { Messaging } from '@hakiri/service/messaging';
import type { Subscription } from '@hakiri/substrate/bus';
import type { Clock } from '@hakiri/substrate/clock';
import type { ApplyConfig } from '../config.ts';
import { release } from '../publish/body.ts';
import type { RequestState } from '../requests/apply-machine.ts';
import { createAuthors } from '../requests/authors.ts';
import { createDryRun } from '../requests/dry-run.ts';
import { faultOf } from '../requests/faults.ts';
import { createPrepareRequest } from '../requests/fresh.ts';
import { createJudge } from '../requests/judge.ts';
import type { Preparer } from '../requests/preparer.ts';
import { createRequestViews } from '../requests/request-view.ts';
import type { TeamQueue } from '../requests/team-queue.ts';
import type { Store } from '../store/store.ts';
import type { History } from '../store/store-history.ts';
import type { RequestRow } from '../store/store-rows.ts';
import { createAlarm } from './alarm.ts';
import { createGate } from './gate.ts';
import { createReconsidering, type Reconsidered } from './reconsidering.ts';
import { createWaiting } from './waiting.ts';

export function createWaitingRoom(deps: {
  store: Store;
  history: History;
  prepare: Preparer;
  messaging: Messaging;
  clock: Clock;
  logger: Logger;
  config: ApplyConfig;
  /** A request waits now, or goes on, or somebody tried to decide on it: whoever asked for it looks again. */
  onChanged(row: RequestRow): void;
  onEnded(row: RequestRow, end: RequestState): void;
  queue: TeamQueue;
  /** Resolves when it waits again or has ended, or after some time. */
  settled(row: RequestRow): Promise<unknown>;
}) {
  const { store, history, prepare, messaging, clock, logger, config } = deps;
  const prepareRequest = createPrepareRequest({ prepare, messaging, limits: config });
  const authors = createAuthors({ messaging, clock, limits: config });
  const gate = createGate({ rows: store, policies: store, authors, clock });
  const waiting = createWaiting({
    store,
    authors,
    messaging,
    clock,
    patience: config,
    onWait: (row, untilMs) => {
      alarm.expect(untilMs);
      deps.onChanged(row);
    },
    onResumed: deps.onChanged,
    onEnded: deps.onEnded,
    onRecorded: deps.onChanged,
  });
  const alarm = createAlarm({
    rows: store,
    clock,
    logger,
    againMs: config.reconcileMs,
    wake: waiting.wake,
  });
  const reconsidering = createReconsidering({
    rows: store,
    clock,
    logger,
    againMs: config.reconcileMs,
    // In its team's turn, as an Apply: a team holds one document of those in memory.
    reconsider: (row) => deps.queue.run(row.team, () => reconsider(row)),
    settled: deps.settled,
  });
  const judge = createJudge({ prepare: prepareRequest, authors, gate });
  const subscriptions: Subscription[] = [];
  const notDropped = (error: unknown) => logger.warn('waiting_author_not_dropped', errorFields(error));

  async function reconsider(row: RequestRow): Promise<Reconsidered> {
    const asked = { ...row, wokenAtMs: clock.now() };
    const [finding, candidate] = await judge(asked, await history.latest(row.team), 1).catch(
      (error): Awaited<ReturnType<typeof judge>> => {
        logger.warn('request_not_reconsidered', { request: row.id, ...errorFields(error) });
        return [faultOf(error, 1)];
      },
    );
    if (candidate) release(candidate.outcome.body);
    if (finding.kind === 'away' || finding.kind === 'failed') return 'unanswered';
    return (await waiting.reconsider(row, finding, candidate ?? {})) ? 'goes_on' : 'waits';
  }

  return {
    prepareRequest,
    authors,
    gate,
    waiting,
    reconsider,
    views: createRequestViews({ history, rows: store, prepare: prepareRequest }),
    policySaved: reconsidering.saved,
    dryRun: createDryRun({ prepare, gate, history }),

    start: async (): Promise<void> => {
      subscriptions.push(
        messaging.subscribe(RequestWaits, ({ data }) => alarm.expect(data.untilMs)),
        // Whom this misses, or auth does not answer for, is asked for again when the request goes on.
        messaging.subscribe(MemberChanged, ({ team, data }) => {
          waiting.dropAuthor(team, data.user, data.role).catch(notDropped);
          reconsidering.memberChanged(team, data.user);
        }),
        messaging.subscribe(TokensRevoked, ({ team }) => {
          waiting.dropPrograms(team).catch(notDropped);
        }),
      );
      await alarm.start();
      await reconsidering.start();
    },
    stop: async (): Promise<void> => {
      await Promise.all(subscriptions.splice(0).map((subscription) => subscription.close()));
      await reconsidering.stop();
      await alarm.stop();
    },
  };
}
