// Who joins while the document is being opened is answered by what the log says: before any host has it.
import { describe, expect, test } from 'bun:test';
import { copyBytes, fromUtf8 } from '@hakiri/base/bytes';
import { silentLogger } from '@hakiri/service/logger';
import { createMetrics } from '@hakiri/service/metrics';
import type { DocumentLog } from '@hakiri/substrate/document-log';
import { createSystemRandom } from '@hakiri/substrate/random';
import { createSimulatedClock } from '@hakiri/testing/simulated-clock';
import { until } from '@hakiri/testing/until';
import { LoroDoc } from 'loro-crdt';
import { decode, MessageType, type ProtocolMessage, UpdateStatusCode } from 'loro-protocol';
import { DEFAULTS } from '../config.ts';
import { createSyncMetrics } from '../metrics.ts';
import { HostPool } from '../pool/host-pool.ts';
import { ScratchHost } from '../pool/scratch-host.ts';
import { bytesOfFrame } from '../socket/frames.ts';
import type { Peer } from '../socket/peer.ts';
import { aLog } from '../testing/a-log.ts';
import { createLocalHosts } from '../testing/local-host.ts';
import { createMemoryBlobs } from '../testing/memory-blobs.ts';
import { LiveDocument } from './live-document.ts';
import { decodeRecord } from './record.ts';

function openLive(content: { base: Uint8Array; entries: Uint8Array[] }) {
  const stored = [...content.entries];
  const log: DocumentLog = {
    open: async () => ({ ...content, epoch: 1, position: content.entries.length }),
    append: async (_id, _epoch, position, group) => {
      const more = typeof group === 'function' ? group() : group;
      stored.push(...more);
      return position + more.length;
    },
    compact: async () => {},
    read: async () => ({ ...content, position: stored.length }),
    position: async () => stored.length,
    list: async () => ['main'],
  };
  const clock = createSimulatedClock();
  const hosts = createLocalHosts();
  const gate = Promise.withResolvers<void>();
  const metrics = createSyncMetrics(createMetrics('sync'));
  const more = { limits: DEFAULTS, clock, stallMs: 60_000 };
  const pool = new HostPool({
    ...more,
    size: 1,
    metrics,
    start: (limits, events) => {
      const port = hosts.start(limits, events);
      return { ...port, post: (orders) => void gate.promise.then(() => port.post(orders)) };
    },
  });
  const scratch = new ScratchHost({ ...more, start: hosts.start, idleMs: 1_000 });
  const deps = { log, pool, scratch, blobs: createMemoryBlobs(), clock, metrics };
  const live = new LiveDocument(
    { team: 'default', doc: 'main' },
    { ...deps, random: createSystemRandom(), logger: silentLogger, config: DEFAULTS },
    {
      onAwake: () => {},
      onFault: () => {},
      isCooling: () => false,
      onHarmful: () => {},
      onStopped: () => {},
    },
  );
  return { live, stored, openHost: gate.resolve };
}

function join(
  live: LiveDocument,
  id: number,
  version: Uint8Array = new Uint8Array(),
  device?: string,
  user = 'alice',
) {
  const heard: ProtocolMessage[] = [];
  const hear = (frame: Uint8Array): void => void heard.push(decode(copyBytes(frame)));
  const peer: Peer = {
    id,
    send: hear,
    sendCatchUp: (frames) => {
      for (const frame of frames) hear(bytesOfFrame(frame));
    },
  };
  const identity = { user, name: user };
  live.room.join(peer, { identity, permission: 'write', version, device, speaks: undefined }, () => {});
  return { peer, heard };
}

const updatesIn = (heard: readonly ProtocolMessage[]): Uint8Array[] =>
  heard.flatMap((message) => (message.type === MessageType.DocUpdate ? message.updates : []));

const acksIn = (heard: readonly ProtocolMessage[]): number[] =>
  heard.flatMap((message) => (message.type === MessageType.Ack ? [message.status] : []));

/** The first edit under this id. */
function write(id: `${number}`): Uint8Array {
  const replica = new LoroDoc();
  replica.setPeerId(id);
  replica.getMap('scratch').set(id, 1);
  replica.commit();
  return replica.export({ mode: 'update' });
}

/** Leased by the JoinOk. */
function peersIn([ok]: readonly ProtocolMessage[]): string[] {
  const extra = ok?.type === MessageType.JoinResponseOk ? ok.extra : undefined;
  const { peers } = JSON.parse(fromUtf8(extra ?? new Uint8Array()));
  return peers;
}

describe('[SY8.8] while no host has the document', () => {
  test('who has nothing gets the base and what came since, and the version of both', async () => {
    const { doc, ...content } = aLog();
    const { live } = openLive(content);
    const { heard } = join(live, 1);
    await until(() => updatesIn(heard).length === 2);
    const fresh = new LoroDoc();
    for (const update of updatesIn(heard)) fresh.import(update);
    expect(fresh.toJSON()).toEqual(doc.toJSON());
    const [ok] = heard;
    expect(ok?.type === MessageType.JoinResponseOk ? ok.version : undefined).toEqual(
      doc.oplogVersion().encode(),
    );
  });

  test('who has the base gets what came since, who has all nothing, who lacks more waits', async () => {
    const { doc, early, update, ...content } = aLog();
    const { live, openHost } = openLive(content);
    const behind = join(live, 1, early);
    const current = join(live, 2, doc.oplogVersion().encode());
    const old = new LoroDoc();
    old.setPeerId('9');
    old.getMap('scratch').set('mine', 1);
    old.commit();
    const far = join(live, 3, old.oplogVersion().encode());
    await until(() => current.heard.length > 0);
    expect(updatesIn(behind.heard)).toEqual([update]);
    expect(current.heard.map(({ type }) => type)).toEqual([MessageType.JoinResponseOk]);
    expect(far.heard).toEqual([]);
    openHost();
    await until(() => updatesIn(far.heard).length > 0);
    for (const missed of updatesIn(far.heard)) old.import(missed);
    expect(old.getMap('scratch').toJSON()).toEqual({ a: 1, b: 2, mine: 1 });
  });

  test('a device gets the ids it had and new ones, durable first, and the host knows whose they are', async () => {
    const content = aLog();
    const { live, stored, openHost } = openLive(content);
    const { peer, heard } = join(live, 1, content.early, 'laptop-12');
    await until(() => heard.length > 0);
    const peers = peersIn(heard);
    const records = stored.slice(1).map(decodeRecord);
    const granted = records.flatMap((record) => (record.kind === 'lease' ? [record.note.peer] : []));
    expect(granted).toHaveLength(2);
    expect(peers).toEqual(['71', ...granted]);
    // Somebody else's update under such an id is refused when the host is there, also when it is the first; one's own is taken.
    const [own = '0', other = '0'] = granted;
    const bob = join(live, 3, content.early, undefined, 'bob');
    await until(() => bob.heard.length > 0);
    live.room.update(bob.peer, [write(own)], '0x0000000000000001');
    live.room.update(bob.peer, [write(other)], '0x0000000000000002');
    live.room.update(peer, [write('72')], '0x0000000000000003');
    live.room.update(peer, [write(own)], '0x0000000000000004');
    openHost();
    await until(() => acksIn(heard).length === 2 && acksIn(bob.heard).length === 2);
    expect(acksIn(bob.heard)).toEqual([UpdateStatusCode.PermissionDenied, UpdateStatusCode.PermissionDenied]);
    expect(acksIn(heard)).toEqual([UpdateStatusCode.PermissionDenied, UpdateStatusCode.Ok]);
    // Another device of the same user is given others.
    const tower = join(live, 2, content.early, 'tower-34');
    await until(() => tower.heard.length > 0);
    expect(peersIn(tower.heard).filter((id) => peers.includes(id))).toEqual([]);
  });
});

test('[SY11.18] what waits for a host is bounded in bytes, before the log is read and after, and taken when there is room', async () => {
  const content = aLog();
  const half = new Uint8Array(DEFAULTS.backlogBytes / 2);
  const { live, openHost } = openLive(content);
  const waiting: Promise<unknown>[] = [];
  const input = { updates: [half], user: 'bob', connection: 9, atMs: 0 };
  const send = (): void =>
    void waiting.push(
      new Promise((resolve) => live.life.perform<'update'>({ kind: 'update', input }, resolve, resolve)),
    );
  for (let sent = 0; sent < 2; sent++) {
    send();
    expect(live.life.refusal()).toBeUndefined();
  }
  send();
  expect([live.life.refusal(), live.life.backlogBytes]).toEqual(['backlog', 3 * half.length]);
  const { peer, heard } = join(live, 1);
  await until(() => heard.length > 0);
  live.room.update(peer, [write('99')], '0x0000000000000001');
  expect(acksIn(heard)).toEqual([UpdateStatusCode.RateLimited]);
  openHost();
  await Promise.all(waiting);
  expect([live.life.refusal(), live.life.backlogBytes]).toEqual([undefined, 0]);
  live.room.update(peer, [write('99')], '0x0000000000000002');
  await until(() => acksIn(heard).length === 2);
  expect(acksIn(heard)).toEqual([UpdateStatusCode.RateLimited, UpdateStatusCode.Ok]);
});
