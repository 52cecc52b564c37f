// Signing out where there is no screen yet: the page could not open, and its session is still one at the server.
import { afterEach, expect, test } from 'bun:test';
import type { Session as SignedIn } from '@hakiri/contracts/auth';
import type { Device } from '../device/device.ts';
import { createEntrance } from './session.ts';

let server: ReturnType<typeof Bun.serve> | undefined;
afterEach(async () => {
  Reflect.deleteProperty(globalThis, 'location');
  await server?.stop(true);
});

const never = (): never => {
  throw new Error('nothing of this is needed');
};

function enterAt(answer: () => Response) {
  const asked: string[] = [];
  server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch: (request) => {
      const { pathname } = new URL(request.url);
      asked.push(`${request.method} ${pathname} ${request.headers.get('authorization')}`);
      return answer();
    },
  });
  Object.defineProperty(globalThis, 'location', { value: { origin: server.url.origin }, configurable: true });
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
  let session: SignedIn | undefined = {
    ...{ accessToken: 'mine', accessExpiresAt: expiresAt, refreshToken: 'next' },
    ...{ user: 'u1', name: 'Ann', team: 'default', role: 'editor' },
  };
  const device: Device = {
    session: {
      load: () => session,
      save(next) {
        session = next;
      },
      onOtherUser: () => {},
    },
    replicas: { open: never, device: never },
    notifications: { allow: never, isAllowed: never, show: never },
  };
  const ends: string[] = [];
  const entrance = createEntrance(device, (reason) => void ends.push(reason));
  return { entrance, asked, ends, session: () => session };
}

test('[PG6.1] who signs out before the page could open is signed out at the server, too', async () => {
  const { entrance, asked, ends, session } = enterAt(() => new Response(null, { status: 204 }));
  await entrance.signOut();
  expect(asked).toEqual(['POST /v1/auth/logout Bearer mine']);
  expect([session(), ends]).toEqual([undefined, ['signed_out']]);
});

test('[PG6.1] a server that is in trouble keeps nobody from signing out here', async () => {
  const { entrance, asked, ends, session } = enterAt(() => new Response('down', { status: 502 }));
  await entrance.signOut();
  expect(asked).toHaveLength(1);
  expect([session(), ends]).toEqual([undefined, ['signed_out']]);
});
