// What a guard makes of a bus that was away: a real nats-server that is killed and comes back.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { systemClock } from '@hakiri/substrate/clock';
import { openNatsBus } from '@hakiri/substrate/nats/bus';
import { connectNats } from '@hakiri/substrate/nats/connection';
import { createSystemRandom } from '@hakiri/substrate/random';
import { createAuthStandIn } from '@hakiri/testing/auth-stand-in';
import { type NatsServer, natsServerAvailable, startNatsServer } from '@hakiri/testing/nats-server';
import { until } from '@hakiri/testing/until';
import { CONFIRM_WITHIN_MS } from './auth-feed.ts';
import { createGuard } from './guard.ts';
import { silentLogger } from './logger.ts';
import { createMessaging } from './messaging.ts';

const read = { action: 'doc.read' } as const;
const REACT_MS = 2_000;

describe.skipIf(!natsServerAvailable())('nats', () => {
  let server: NatsServer;
  const closing: (() => Promise<void>)[] = [];
  let shiftMs = 0;
  const clock = {
    ...systemClock,
    now: () => systemClock.now() + shiftMs,
    monotonic: () => systemClock.monotonic() + shiftMs,
  };
  beforeAll(async () => {
    server = await startNatsServer();
  });
  afterAll(async () => {
    for (const close of closing.reverse()) await close();
    await server.stop();
  });

  async function connect(name: string) {
    const connection = await connectNats(server.url, name);
    const bus = await openNatsBus(connection, { replicas: 1, onError: () => {} });
    closing.push(async () => {
      await bus.close();
      await connection.close();
    });
    return {
      bus,
      messaging: createMessaging({ bus, clock, random: createSystemRandom(), logger: silentLogger }),
    };
  }

  test('[SY12.9] what was revoked while the bus was away is known within 2 s of its return; away for too long, nothing is confirmed', async () => {
    const auth = createAuthStandIn(clock.now);
    auth.answer((await connect('auth')).messaging);
    const { bus, messaging } = await connect('sync');
    const guard = createGuard({ messaging, bus, clock, logger: silentLogger, service: 'sync' });
    let told = 0;
    guard.onChange(
      () => told++,
      () => true,
    );
    await guard.start();
    closing.push(() => guard.stop());
    const [alice, bob] = [auth.mint('alice'), auth.mint('bob', 'editor')];
    expect(await guard.authorize(alice.token, read)).toMatchObject({ kind: 'allowed' });

    await server.kill();
    await until(() => !bus.connected());
    auth.revoke(alice);
    auth.revoke(bob, true);
    expect(await guard.confirmed()).toBe(true);
    shiftMs += CONFIRM_WITHIN_MS;
    await until(() => told > 0, { timeoutMs: REACT_MS, what: 'what is open to be told' });
    expect(await guard.confirmed()).toBe(false);

    await server.start();
    await until(() => bus.connected(), { timeoutMs: 10_000 });
    const back = performance.now();
    await until(
      async () => {
        const decision = await guard.authorize(alice.token, read);
        return decision.kind === 'denied' && decision.code === 'token_revoked';
      },
      { timeoutMs: REACT_MS, what: 'the revocation to be known' },
    );
    expect(await guard.authorize(bob.token, read)).toMatchObject({ code: 'token_expired' });
    await until(() => guard.confirmed(), { timeoutMs: REACT_MS });
    await until(() => told > 1, { timeoutMs: REACT_MS });
    expect(performance.now() - back).toBeLessThan(REACT_MS);
  }, 120_000);
});
