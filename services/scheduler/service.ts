// The scheduler: adopts applied manifests, fires what is due, and carries runs through to their end.
import { join } from 'node:path';
import { GetPlaces, ManifestApplied, RunWaiting } from '@hakiri/contracts/subjects';
import type { ServiceDeps } from '@hakiri/service/deps';
import { errorFields } from '@hakiri/service/logger';
import type { Service } from '@hakiri/service/service';
import { newTrace } from '@hakiri/service/trace';
import type { Subscription } from '@hakiri/substrate/bus';
import { createOutboxRelay } from '@hakiri/substrate/libsql/outbox';
import { createAdopter } from './adopt.ts';
import { createAnnouncer, SCHEDULER } from './announce.ts';
import { createClaims } from './claims.ts';
import { DEFAULT_CONFIG, type SchedulerConfig } from './config.ts';
import { createLogs } from './logs.ts';
import { createRoutes } from './routes.ts';
import { createRunControl } from './run-control.ts';
import { followFinishedRuns } from './run-finished.ts';
import { createRuns } from './runs.ts';
import { createRunStore, type NewRun, type RunRow } from './store.ts';
import { createAskedStore } from './store-asked.ts';
import { createLogStore } from './store-logs.ts';
import { createScheduleStore } from './store-schedules.ts';
import { createSweeper } from './sweep.ts';
import type { TickRow } from './tick-plan.ts';
import { createTicker } from './ticker.ts';
import { createViews } from './views.ts';
import { createWaiters } from './waiters.ts';

/** Within which another replica has adopted what was applied. */
const ADOPTION_MS = 5_000;
/** One of them answers. */
const RESPONDERS = 'scheduler';
const MIGRATIONS = join(import.meta.dir, 'migrations');

export async function createScheduler(
  deps: ServiceDeps,
  config: SchedulerConfig = DEFAULT_CONFIG,
): Promise<Service> {
  const { bus, blobs, messaging, guard, lease, clock, random, logger, metrics } = deps;
  const database = await deps.database('scheduler', MIGRATIONS);
  const store = createRunStore(database);
  const schedules = createScheduleStore(database);
  const asked = createAskedStore(database);
  const logStore = createLogStore(database);
  const announcer = createAnnouncer(messaging);
  const waiters = createWaiters(clock);
  const relay = createOutboxRelay({
    database,
    bus,
    clock,
    onError: (error) => logger.warn('outbox_waits', errorFields(error)),
  });
  const ticks = metrics.counter('ticks_total', 'Due ticks and events, by what became of them', ['decision']);
  const ends = metrics.counter('runs_total', 'Runs that ended, by how', ['state']);
  const lag = metrics.latency(
    'fire_lag_seconds',
    'From when a tick was due to when its run waits for a node',
  );

  const waiting = (team: string): void =>
    messaging.publish(RunWaiting, { team }, { actor: SCHEDULER, traceparent: newTrace(random) }, {});
  const decided = (rows: readonly TickRow[], started: readonly NewRun[]): void => {
    for (const { decision, count } of rows) ticks.inc({ decision }, count);
    for (const { dueAtMs } of started) lag.observe(Math.max(0, clock.now() - dueAtMs) / 1000);
    for (const team of new Set(started.map((run) => run.team))) waiting(team);
  };
  const after = {
    waiting,
    announced: () => relay.nudge(),
    leaseEndsAt: (ms: number) => ticker.wakeAt(ms),
    ended: ({ state }: RunRow) => ends.inc({ state }),
  };
  const runs = createRuns({ store, announcer, clock, limits: config, after });
  const claims = createClaims({ store, runs, waiters, clock, leaseMs: config.leaseMs });
  const control = createRunControl({ store, asked, schedules, runs, announcer, clock, random, after });
  const firing = { store, schedules, random, lateAfterMs: config.lateAfterMs, clock, logger, decided };
  const ticker = createTicker({
    ...firing,
    lease,
    holder: `scheduler-${random.ulid(clock.now())}`,
    expireClaims: claims.expire,
  });
  const adopter = createAdopter({
    ...firing,
    blobs,
    messaging,
    caughtUp: ticker.caughtUp,
    adopted: ticker.nudge,
  });
  const sweeper = createSweeper({ ...config, store, schedules, logs: logStore, clock, logger });
  const routes = createRoutes({
    ...{ guard, logger, metrics, random, store, control, claims },
    logs: createLogs({ store, logs: logStore }),
    views: createViews(store, schedules),
  });
  const subscriptions: Subscription[] = [];
  let state: 'new' | 'started' | 'stopped' = 'new';

  return {
    name: 'scheduler',
    metrics,
    fetch: async (request) => routes.handle(request),
    start: async () => {
      relay.start();
      subscriptions.push(messaging.subscribe(RunWaiting, ({ team }) => waiters.wake(team)));
      // Whichever replica adopts it, each must know the new ticks in time: should that one die, another fires them.
      const lookAgain = () => ticker.wakeAt(clock.now() + ADOPTION_MS);
      subscriptions.push(messaging.subscribe(ManifestApplied, lookAgain));
      await adopter.reconcile();
      subscriptions.push(await adopter.follow());
      subscriptions.push(await followFinishedRuns({ ...firing, messaging }));
      subscriptions.push(
        messaging.respond(GetPlaces, RESPONDERS, 'scheduler', ({ team }) => claims.places(team)),
      );
      ticker.start();
      sweeper.start();
      state = 'started';
    },
    notReady: () => {
      if (state !== 'started') return 'its start';
      return guard.notReady();
    },
    stop: async () => {
      state = 'stopped';
      waiters.close();
      await Promise.all(subscriptions.splice(0).map((subscription) => subscription.close()));
      await adopter.stop();
      await ticker.stop();
      await sweeper.stop();
      await relay.stop();
    },
  };
}
