// The sync service: takes sockets, answers reads and the other services, and starts and stops its rooms in order.
import { present } from '@hakiri/base/assert';
import type { Written } from '@hakiri/contracts/envelope';
import type { RequestMessage } from '@hakiri/contracts/message';
import {
  DocumentRested,
  EditDocument,
  GetOutline,
  GetTouched,
  ManifestApplied,
  Materialize,
  SettleTouched,
} from '@hakiri/contracts/subjects';
import type { ServiceDeps } from '@hakiri/service/deps';
import { problemResponse } from '@hakiri/service/host';
import { errorFields } from '@hakiri/service/logger';
import type { HttpServer, Service } from '@hakiri/service/service';
import type { Subscription } from '@hakiri/substrate/bus';
import type { DocumentId } from '@hakiri/substrate/document-log';
import type { Static, TSchema } from '@sinclair/typebox';
import { DEFAULTS, type SyncConfig } from './config.ts';
import { Documents } from './document/documents.ts';
import { createReads } from './http/reads.ts';
import { createRoutes } from './http/routes.ts';
import { createSyncMetrics } from './metrics.ts';
import { HostPool } from './pool/host-pool.ts';
import { startHostThread } from './pool/host-thread.ts';
import { ScratchHost } from './pool/scratch-host.ts';
import { createRequests } from './requests.ts';
import { documentOf } from './socket/admission.ts';
import { CLOSE_RESTART } from './socket/close-codes.ts';
import { Connection } from './socket/connection.ts';
import { Deadlines } from './socket/deadlines.ts';
import { createTurn } from './socket/outbox.ts';
import { createReauthorizer } from './socket/reauthorize.ts';
import { createRegistrar } from './team/registrar.ts';
import { createRegistryStore } from './team/registry-store.ts';

const SELF = { kind: 'service', id: 'sync' } as const;
const SOCKET_PATH = '/v1/sync';
const GROUP = 'sync';
const APPLIED_ACK_WAIT_MS = 30_000;
const APPLIED_IN_FLIGHT = 8;
const APPLIED_RETRY_LIMIT_MS = 60_000;

/** What it takes of the deps; anything with these will do, a log that fails on purpose among them. */
export type SyncDeps = Pick<
  ServiceDeps,
  'bus' | 'blobs' | 'documents' | 'clock' | 'random' | 'messaging' | 'guard' | 'logger' | 'metrics'
>;

export function createSync(deps: SyncDeps, config: SyncConfig = DEFAULTS): Service {
  const { bus, clock, guard, logger, messaging } = deps;
  const metrics = createSyncMetrics(deps.metrics);
  const pool = new HostPool({
    start: startHostThread,
    limits: config,
    clock,
    stallMs: config.workerStallMs,
    size: config.workers,
    metrics,
  });
  const scratch = new ScratchHost({
    start: startHostThread,
    limits: config,
    clock,
    stallMs: config.workerStallMs,
    idleMs: config.scratchIdleMs,
  });
  const documents = new Documents({
    log: deps.documents,
    pool,
    scratch,
    blobs: deps.blobs,
    clock,
    random: deps.random,
    logger,
    metrics,
    config,
    onRested: ({ team, doc }, rested) =>
      messaging.enqueue(DocumentRested, { team }, { actor: SELF }, { doc, ...rested }),
  });
  const requests = createRequests({ documents, versionWaitMs: config.versionWaitMs });
  const reads = createReads(documents, config.versionWaitMs);
  const connections = new Set<Connection>();
  const reauthorize = createReauthorizer({
    guard,
    connections: () => connections,
    yieldTurn: () => new Promise((resolve) => setImmediate(resolve)),
  });
  const registrar = createRegistrar({
    registry: createRegistryStore({ blobs: deps.blobs, clock }),
    documents: reads,
    movable: requests,
    messaging,
    clock,
    logger,
    onArchived: reauthorize,
    onRestored: reauthorize,
  });
  const routes = createRoutes({
    guard,
    logger,
    metrics: deps.metrics,
    reads,
    registrar,
    updateBytes: config.update.bytes,
    rescues: config.rescues,
  });
  const connectionDeps = {
    guard,
    documents,
    clock,
    logger,
    metrics,
    config,
    turn: createTurn(),
    expiries: new Deadlines(clock),
    roomless: new Deadlines(clock),
    isArchived: registrar.isArchived,
    onClosed: forget,
  };
  const subscriptions: Subscription[] = [];
  let lastConnection = 0;
  let isOpen = false;

  function upgrade(request: Request, server: HttpServer): Response | undefined {
    if (!isOpen)
      return problemResponse('unavailable', 'The server is starting or stopping: try again shortly.');
    if (connections.size >= config.sockets)
      return problemResponse('unavailable', 'Too many sockets are open here: try again shortly.');
    lastConnection += 1;
    const connection = new Connection(lastConnection, connectionDeps);
    if (!server.upgrade(request, { data: connection }))
      return problemResponse('malformed', `${SOCKET_PATH} speaks loro-protocol over a WebSocket.`);
    connections.add(connection);
    metrics.sockets.set(connections.size);
    return undefined;
  }

  function forget(connection: Connection): void {
    connections.delete(connection);
    metrics.sockets.set(connections.size);
  }

  function answer<D extends TSchema, R extends TSchema>(
    message: RequestMessage<D, R>,
    handle: (
      id: DocumentId,
      data: Static<D>,
      actor: Parameters<typeof requests.edit>[2],
    ) => Promise<Static<R> | Written>,
  ): Subscription {
    return messaging.respond(message, GROUP, 'sync', ({ team, actor, data }, subject) => {
      const id = documentOf(`${team}/${subject.split('.').at(-1)}`);
      return handle(present(id, 'subjects of documents end in their name'), data, actor);
    });
  }

  return {
    name: 'sync',
    metrics: deps.metrics,
    fetch: async (request, server) =>
      new URL(request.url).pathname === SOCKET_PATH ? upgrade(request, server) : routes.handle(request),
    notReady: () => {
      if (!isOpen) return 'start';
      if (!bus.connected()) return 'the bus';
      return guard.notReady();
    },
    start: async () => {
      subscriptions.push(
        guard.onChange(reauthorize, () => connections.size > 0),
        answer(Materialize, requests.materializeWritten),
        answer(GetTouched, requests.touched),
        answer(SettleTouched, requests.settle),
        answer(
          EditDocument,
          async (id, data, actor) => (await registrar.editRefusal(id)) ?? requests.edit(id, data, actor),
        ),
        answer(GetOutline, async (id, data) => ({
          ...(await requests.outline(id, data)),
          moved: await registrar.moved(id),
        })),
        await messaging.consume(
          ManifestApplied,
          {
            durable: 'sync-applied',
            ackWaitMs: APPLIED_ACK_WAIT_MS,
            maxInFlight: APPLIED_IN_FLIGHT,
            from: 'beginning',
          },
          async ({ team, data, actor }, deliveries) => {
            try {
              await requests.applied(team, data, actor);
              await registrar.applied(team, data);
              return { kind: 'ack' };
            } catch (error) {
              logger.warn('applied_not_recorded', { team, doc: data.doc, ...errorFields(error) });
              return { kind: 'retry', delayMs: Math.min(1_000 * 2 ** deliveries, APPLIED_RETRY_LIMIT_MS) };
            }
          },
        ),
      );
      isOpen = true;
    },
    stop: async () => {
      isOpen = false;
      await Promise.all(subscriptions.splice(0).map((subscription) => subscription.close()));
      await registrar.idle();
      // What was received is stored and acknowledged before the sockets go.
      await documents.stop();
      await scratch.end();
      for (const connection of [...connections]) connection.end(CLOSE_RESTART, 'server_restarts');
      pool.end();
    },
  };
}
