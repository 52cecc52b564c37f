// The auth service: wires its rooms, answers the other services over the bus, and starts and stops in order.
import { fileURLToPath } from 'node:url';
import type { RevocationsPage } from '@hakiri/contracts/auth';
import { AuditRecorded, GetKeys, GetRevocations, GetStanding } from '@hakiri/contracts/subjects';
import type { ServiceDeps } from '@hakiri/service/deps';
import type { HttpServer, Service } from '@hakiri/service/service';
import type { Subscription } from '@hakiri/substrate/bus';
import { standingOf, userActor } from './acting.ts';
import { createAddressLimits } from './address-limits.ts';
import { createAuditLog } from './audit-log.ts';
import { type AuthConfig, completeConfig } from './config.ts';
import { ensureKey, publishedKeys, rotateKey } from './keys.ts';
import { announceRevoked, createLedger, describeRevoked, REVOCATIONS_PER_MESSAGE } from './ledger.ts';
import { createLinks } from './links.ts';
import { createMembers } from './members.ts';
import { createRoutes } from './routes.ts';
import { createSessionMaker } from './session-maker.ts';
import { createSessions } from './sessions.ts';
import { createStore } from './store.ts';
import { lastRevocation, readRevocations } from './store-tokens.ts';
import { createTokens } from './tokens.ts';

const MIGRATIONS = fileURLToPath(new URL('./migrations', import.meta.url));
const RESPONDERS = 'auth';
const AUDIT_CONSUMER = { durable: 'auth-audit', ackWaitMs: 30_000, maxInFlight: 64 } as const;

/** What `given` leaves out has the defaults of config.ts. @throws ConfigError */
export async function createAuth(deps: ServiceDeps, given: Partial<AuthConfig> = {}): Promise<Service> {
  const { messaging, guard, logger, metrics, clock, random, bus } = deps;
  const config = completeConfig(given);
  const store = createStore(await deps.database('auth', MIGRATIONS));
  const ledger = createLedger({ store, messaging, clock, random });
  const maker = createSessionMaker(config, random);
  const limits = createAddressLimits(config.attempts, config.addressesLimit);
  const auditLog = createAuditLog(store);
  const recorded = metrics.counter('audit_entries_total', 'Audit entries of other services', ['outcome']);
  const addresses = new WeakMap<Request, string>();
  const keys = () => publishedKeys(store.orm, clock.now());
  const routes = createRoutes({
    ...{ guard, clock, logger, metrics, auditLog },
    sessions: createSessions({ ledger, maker, config, clock, random }),
    members: createMembers(ledger),
    links: createLinks({ ledger, maker, config, random }),
    tokens: createTokens({ ledger, config, random }),
    publishedKeys: keys,
    rotateKey: async (user) => {
      await rotateKey(ledger, userActor(user));
      return keys();
    },
    mayAttempt: (request) => limits.allows(addresses.get(request) ?? '', clock.now()),
    clientOf: (request) => `${addresses.get(request) ?? ''}\n${request.headers.get('user-agent') ?? ''}`,
  });
  const subscriptions: Subscription[] = [];
  let started = false;

  async function revocationsPage(after: number): Promise<RevocationsPage> {
    // First, so that what comes in between is behind it, and read the next time.
    const newest = await lastRevocation(store.orm);
    // Everybody who has something open asks every second, nearly always for nothing.
    if (after >= newest) return { ...describeRevoked([]), last: newest };
    const rows = await readRevocations(store.orm, after, REVOCATIONS_PER_MESSAGE, clock.now());
    const sequence = rows.at(-1)?.sequence ?? 0;
    if (rows.length === REVOCATIONS_PER_MESSAGE) return { ...describeRevoked(rows), next: sequence };
    return { ...describeRevoked(rows), last: Math.max(newest, sequence) };
  }

  /** A process that ended between commit and announcement left the others uninformed: say everything again. */
  async function announceAgain(): Promise<void> {
    let after = 0;
    for (;;) {
      const rows = await readRevocations(store.orm, after, REVOCATIONS_PER_MESSAGE, clock.now());
      const [first] = rows;
      const last = rows.at(-1);
      if (!first || !last) return;
      announceRevoked(messaging, first.team, rows);
      after = last.sequence;
    }
  }

  return {
    name: 'auth',
    metrics,
    fetch: async (request, server) => {
      addresses.set(request, clientAddress(request, server, config.trustForwardedFor));
      return routes.handle(request);
    },
    notReady: () => {
      if (!started) return 'start';
      if (!bus.connected()) return 'the bus';
      return guard.notReady();
    },
    start: async () => {
      await ensureKey(ledger);
      subscriptions.push(
        messaging.respond(GetKeys, RESPONDERS, 'auth', keys),
        messaging.respond(GetRevocations, RESPONDERS, 'auth', ({ data }) => revocationsPage(data.after ?? 0)),
        messaging.respond(GetStanding, RESPONDERS, 'auth', ({ team, data }) =>
          standingOf(store.orm, team, data.user, clock.now()),
        ),
        await messaging.consume(AuditRecorded, { ...AUDIT_CONSUMER, from: 'beginning' }, async (envelope) => {
          await auditLog.record(envelope);
          recorded.inc({ outcome: envelope.data.outcome });
          return { kind: 'ack' };
        }),
      );
      await announceAgain();
      started = true;
    },
    stop: async () => {
      started = false;
      await Promise.all(subscriptions.splice(0).map((subscription) => subscription.close()));
    },
  };
}

/** Of `x-forwarded-for` the last entry is the one that the proxy before us wrote itself. */
function clientAddress(request: Request, server: HttpServer, trustForwardedFor: boolean): string {
  const forwarded = trustForwardedFor ? request.headers.get('x-forwarded-for')?.split(',').at(-1) : undefined;
  return forwarded?.trim() || server.requestIP(request)?.address || '';
}
