// The apply service: wires its rooms, and starts and stops them in order.
import { fileURLToPath } from 'node:url';
import { ApplyRequested, DocumentRested, ManifestApplied } from '@hakiri/contracts/subjects';
import { createBell } from '@hakiri/service/bell';
import type { ServiceDeps } from '@hakiri/service/deps';
import { errorFields } from '@hakiri/service/logger';
import { createSealing } from '@hakiri/service/sealing';
import type { Service } from '@hakiri/service/service';
import { createSlices } from '@hakiri/service/slices';
import type { Subscription } from '@hakiri/substrate/bus';
import { createOutboxRelay } from '@hakiri/substrate/libsql/outbox';
import { type ApplyConfig, DEFAULTS } from './config.ts';
import { createEvents } from './delivery/events.ts';
import { createReports } from './delivery/reports.ts';
import { createRevisions } from './delivery/revisions.ts';
import { createDiscard } from './documents/discard.ts';
import { createDocumentWriter } from './documents/document-writer.ts';
import { createImporter } from './documents/importer.ts';
import { createMerger } from './documents/merger.ts';
import { createPatcher } from './documents/patcher.ts';
import { createPending } from './documents/pending.ts';
import { createWritePlanned } from './documents/planned-write.ts';
import { createRevertApplies } from './documents/revert-applies.ts';
import { createRevertWriter } from './documents/revert-writing.ts';
import { createReverter } from './documents/reverter.ts';
import { createTouched } from './documents/touched.ts';
import { createRoutes } from './http/routes.ts';
import { createWaitingRoom } from './policy/waiting-room.ts';
import { createBodies } from './publish/bodies.ts';
import { createChecker } from './publish/checker.ts';
import { createColdMover } from './publish/cold.ts';
import { createPublisher } from './publish/publisher.ts';
import { createReconciler } from './publish/reconciler.ts';
import { createSigning } from './publish/signing.ts';
import type { RequestState } from './requests/apply-machine.ts';
import { createConsumer } from './requests/consumer.ts';
import { createInHand } from './requests/in-hand.ts';
import { createIntake } from './requests/intake.ts';
import { createLooks } from './requests/looks.ts';
import { createMinor } from './requests/minor.ts';
import { createOutlook } from './requests/outlook.ts';
import { createPlaces } from './requests/places.ts';
import { createPreparer } from './requests/preparer.ts';
import { createRetention } from './requests/retention.ts';
import type { ColdStep, Step } from './requests/steps.ts';
import { createTeamQueue } from './requests/team-queue.ts';
import { createValidate } from './requests/validate.ts';
import { createStore } from './store/store.ts';
import { createHistory } from './store/store-history.ts';
import { createKeyStore } from './store/store-keys.ts';
import { createReportStore } from './store/store-reports.ts';
import type { RequestRow, RevisionRow } from './store/store-rows.ts';

const MIGRATIONS = fileURLToPath(new URL('./migrations', import.meta.url));
/** Nobody who waits leaves. */
const NEVER = new AbortController().signal;
const CONSUMER = 'apply-requests';
const RESTED_CONSUMER = 'apply-rested';

/** `step` is for tests that stop between two steps. */
type ApplyDeps = ServiceDeps & { step?: Step; coldStep?: ColdStep };

export async function createApply(deps: ApplyDeps, config: ApplyConfig = DEFAULTS): Promise<Service> {
  const { bus, messaging, guard, logger, metrics, blobs, clock, random } = deps;
  const step: Step = deps.step ?? (() => {});
  const database = await deps.database('apply', MIGRATIONS);
  const store = createStore({ ...deps, ...config, database });
  const history = createHistory(database);
  const slices = createSlices(clock);
  const bodies = createBodies({ blobs, history, slices, cacheLimitBytes: config.cacheLimitBytes });
  const relay = createOutboxRelay({
    database,
    bus,
    clock,
    onError: (error) => logger.warn('outbox_waits', errorFields(error)),
  });
  const outcomes = createBell(clock);
  const readers = metrics.gauge('waiting_readers', 'Open event streams and long polls');
  const events = createEvents({ history, guard, clock, ...config, onReaders: (count) => readers.set(count) });
  const queue = createTeamQueue();
  const published = metrics.counter('revisions_published_total', 'Revisions made visible');
  const finished = metrics.latency('request_seconds', 'From a request to its outcome', ['outcome']);
  const sealing = createSealing(config.keySecret);
  const signing = createSigning({
    ...deps,
    store: createKeyStore(database, messaging),
    sealing,
    onAudited: relay.nudge,
  });
  const reports = createReports({ store: createReportStore(database), latest: history.latest, clock });
  const publisher = createPublisher({ store, history, blobs, signing, step, onPublished });
  const reconciler = createReconciler({ store, publisher, queue, clock, logger, ...config });
  const retention = createRetention({ store, clock, logger, ...config });
  const coldStep: ColdStep = deps.coldStep ?? (() => {});
  const cold = createColdMover({ store, blobs, clock, logger, ...config, step: coldStep });
  const places = createPlaces({ messaging, clock, logger });
  const prepare = createPreparer({ messaging, bodies, places, slices, limits: config });
  const waiting = createWaitingRoom({
    store,
    history,
    prepare,
    messaging,
    clock,
    logger,
    config,
    onChanged: (row) => {
      outcomes.ring(row.id);
      relay.nudge();
    },
    onEnded: onFinished,
    queue,
    settled: (row) => intake.settled(row, config.answerWaitMs, NEVER),
  });
  const touched = createTouched({ messaging, logger, ...config });
  const pending = createPending({ touched, history, bodies });
  const minor = createMinor({ touched, store, history, bodies, slices, onAccepted: relay.nudge });
  const consumer = createConsumer({
    store,
    publisher,
    prepare: (row, last) =>
      row.kind === 'minor' ? minor.prepare(row, last) : waiting.prepareRequest(row, last),
    authors: waiting.authors,
    gate: waiting.gate,
    waiting: waiting.waiting,
    bodies,
    slices,
    signing,
    clock,
    logger,
    patience: config,
    step,
    onFinished,
    onUnfinished: reconciler.expect,
  });
  const inHand = createInHand({
    carry: consumer.carry,
    queue,
    clock,
    runningLimit: config.inFlightLimit,
    againMs: config.ackWaitMs,
  });
  const intake = createIntake({
    store,
    views: waiting.views,
    bell: outcomes,
    clock,
    step,
    ...config,
    onAccepted: relay.nudge,
  });
  const writer = createDocumentWriter(messaging, config);
  const revisions = createRevisions({ history, bodies, logger });
  const outlook = createOutlook({ messaging, live: pending.live, places, limits: config, slices });
  const looking = metrics.gauge('looking_teams', 'Teams that look at whole documents just now, or wait to');
  const looks = createLooks(config, (teams) => looking.set(teams));
  const validate = createValidate({ prepare, history, clock });
  const writePlanned = createWritePlanned({ writer, store, onAudited: relay.nudge });
  const writing = {
    ...{ writer, writePlanned, outlook, revisions, store, random, clock, slices },
    onAudited: relay.nudge,
  };
  const importer = createImporter(writing);
  const merger = createMerger(writing);
  const patcher = createPatcher({ ...writing, messaging, live: outlook.live, limits: config });
  const routes = createRoutes({
    guard,
    random,
    logger,
    intake,
    events,
    signing,
    reports,
    checker: createChecker({ store, blobs, clock, ...config, onAudited: relay.nudge }),
    store,
    views: waiting.views,
    looks,
    waiting: waiting.waiting,
    reconsider: waiting.reconsider,
    dryRun: waiting.dryRun,
    policies: store,
    onPolicySaved: (team) => {
      relay.nudge();
      waiting.policySaved(team);
    },
    pending,
    discard: createDiscard({ touched, pending, writer, store, onAudited: relay.nudge }),
    validate,
    revisions,
    importer,
    merger,
    patcher,
    reverter: createReverter({
      writer: createRevertWriter({ ...writing, history, openRequestsLimit: config.openRequestsLimit }),
      applies: createRevertApplies({
        store,
        intake,
        views: waiting.views,
        onEnded: retention.expect,
      }),
      looks,
    }),
    ...config,
  });
  const subscriptions: Subscription[] = [];
  let started = false;

  function onFinished(row: RequestRow, end: RequestState): void {
    finished.observe({ outcome: end.kind }, (clock.now() - row.createdAtMs) / 1000);
    outcomes.ring(row.id);
    if (row.kind === 'minor') minor.finished(row, end);
    retention.expect();
    relay.nudge();
  }

  function onPublished(row: RevisionRow): void {
    published.inc();
    outcomes.ring(row.request);
    events.announce(row.team, row.meta);
    cold.published(row.team, row.sequence);
    retention.expect();
    relay.nudge();
  }

  return {
    name: 'apply',
    metrics,
    fetch: async (request) => routes.handle(request),
    notReady: () => {
      if (!started) return 'start';
      if (!bus.connected()) return 'the bus';
      return guard.notReady();
    },
    start: async () => {
      await signing.start();
      events.start();
      subscriptions.push(
        // Revisions that another process published.
        messaging.subscribe(ManifestApplied, ({ team, data }) => events.announce(team, data.revision)),
        bus.onReconnect(events.lookAgain),
        await messaging.consume(
          ApplyRequested,
          {
            durable: CONSUMER,
            ackWaitMs: config.ackWaitMs,
            maxInFlight: config.inFlightLimit,
            from: 'beginning',
          },
          ({ team, data }, deliveries) => inHand.handle(team, data.request, deliveries),
        ),
        await messaging.consume(
          DocumentRested,
          {
            durable: RESTED_CONSUMER,
            ackWaitMs: config.ackWaitMs,
            maxInFlight: config.inFlightLimit,
            from: 'beginning',
          },
          ({ team, data, traceparent }) => minor.rested(team, data, traceparent),
        ),
      );
      await reconciler.start();
      await waiting.start();
      retention.start();
      cold.start();
      relay.start();
      started = true;
    },
    stop: async () => {
      started = false;
      inHand.stop();
      intake.stop();
      await events.stop();
      await Promise.all(subscriptions.splice(0).map((subscription) => subscription.close()));
      await waiting.stop();
      await reports.stop();
      await reconciler.stop();
      await queue.idle();
      await cold.stop();
      await retention.stop();
      await relay.stop();
    },
  };
}
