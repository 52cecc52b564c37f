// What is written under a peer id is stored before anybody else hears of it, and before another tab may write under it. The server
// is scripted, the store as slow as a test wants it. And what becomes of edits that are refused while the room is joined.
import { expect, test } from 'bun:test';
import { readConfig } from '@hakiri/config-doc/read';
import { until } from '@hakiri/testing/until';
import { UpdateStatusCode } from 'loro-protocol';
import type { ReplicaStore } from './replica-store.ts';
import { localStarts } from './sync-ledger.ts';
import { delayedReplicas } from './testing/delayed-replicas.ts';
import { make, scriptedBed, statusOf } from './testing/scripted-bed.ts';
import type { ScriptedServer } from './testing/scripted-server.ts';

const bed = scriptedBed();
const place = { user: 'ada', room: 'default/main' };

async function heldStore() {
  const store = await bed.newStore();
  let gate: PromiseWithResolvers<void> | undefined;
  let waiting = 0;
  const held = delayedReplicas(store, async (asked) => {
    if (asked !== 'append' || gate === undefined) return;
    waiting += 1;
    await gate.promise;
  });
  return {
    store,
    held,
    hold: () => {
      gate = Promise.withResolvers();
    },
    letGo: () => gate?.resolve(),
    untilAppending: () => until(() => waiting > 0, { what: 'an edit is on its way to the store' }),
  };
}

test('[SY16.19] a peer id is let go when what was written under it is stored, so that nobody writes the same operations anew', async () => {
  const server = bed.serve({ peers: ['101'] });
  const { held, hold, letGo, untilAppending } = await heldStore();
  const one = await bed.connect(server.url, held);
  make(one.doc, 'before');
  await one.saved();
  await until(() => one.doc.peerIdStr === '101');
  await one.kept();
  hold();
  make(one.doc, 'typed last');
  await untilAppending();
  one.close();
  const two = await bed.connect(server.url, held);
  expect(two.doc.peerIdStr).not.toBe('101');
  make(two.doc, 'typed next');
  letGo();
  await two.saved();
  const names = (): unknown[] => readConfig(server.state.doc).pipelines.map(({ name }) => name);
  await until(() => names().includes('typed last') && names().includes('typed next'));
  expect(two.status()).toEqual({ kind: 'saved' });
});

test('[SY16.19] other tabs are told an edit when it is stored', async () => {
  const server = bed.serve({});
  const { store, held, hold, letGo, untilAppending } = await heldStore();
  const one = await bed.connect(server.url, held);
  const log = await store.open(place);
  const storedWhenHeard = new Promise<boolean>((resolve, reject) => {
    log.channel.onUpdate(() => {
      log.read().then(({ entries }) => resolve(localStarts(entries).has(one.doc.peerIdStr)), reject);
    });
  });
  hold();
  make(one.doc, 'told');
  await untilAppending();
  // What would have been told before is heard before this.
  const [says, hears] = [new BroadcastChannel('turn'), new BroadcastChannel('turn')];
  const isTurnOver = new Promise<void>((resolve) => {
    hears.onmessage = () => resolve();
  });
  says.postMessage('over');
  await isTurnOver;
  letGo();
  expect(await storedWhenHeard).toBe(true);
  for (const channel of [says, hears, log.channel]) channel.close();
});

/** A store with so many operations that no server has heard of. */
async function unsentStore(server: ScriptedServer, operations: number): Promise<ReplicaStore> {
  const store = await bed.newStore();
  const before = await bed.connect(server.url, store);
  server.state.script.refuseJoin = () => 'unavailable';
  server.drop();
  await statusOf(before, ({ kind }) => kind === 'offline');
  before.doc.getText('long').insert(0, 'x'.repeat(operations));
  before.doc.commit();
  await before.kept();
  before.close();
  return store;
}

test.each([
  ['rate_limited', UpdateStatusCode.RateLimited],
  ['permission_denied', UpdateStatusCode.PermissionDenied],
])(
  '[SY16.18] an edit that is refused once, %s, while the rest of the room is joined is sent again by itself',
  async (_code, status) => {
    const server = bed.serve({});
    const store = await unsentStore(server, 1);
    let refusals = 1;
    server.state.script = { answer: () => (refusals-- > 0 ? status : UpdateStatusCode.Ok) };
    const connection = await bed.connect(server.url, store);
    await connection.saved();
    expect(server.state.doc.getText('long').length).toBe(1);
  },
);

test('[SY16.11] edits that are denied together are denied once: the next join tells whether it is the role', async () => {
  const server = bed.serve({});
  // As long as three messages.
  const store = await unsentStore(server, 9_000);
  let denials = 3;
  const answer = () => (denials-- > 0 ? UpdateStatusCode.PermissionDenied : UpdateStatusCode.Ok);
  server.state.script = { answer, together: 3 };
  const connection = await bed.connect(server.url, store);
  const status = await statusOf(connection, ({ kind }) => kind === 'saved' || kind === 'refused');
  expect(status).toEqual({ kind: 'saved' });
  expect(server.state.doc.getText('long').length).toBe(9_000);
  expect(denials).toBe(-3);
});
