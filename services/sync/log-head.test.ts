// Who joins while the document is being opened is answered by what the log says: before any host has it.
import { describe, expect, test } from 'bun:test';
import { copyBytes, fromUtf8 } from '@hakiri/base/bytes';
import { migrate } from '@hakiri/config-doc/migrations';
import { SCHEMA_VERSION } from '@hakiri/config-doc/shape';
import { versionOf } from '@hakiri/config-doc/version';
import { silentLogger } from '@hakiri/service/logger';
import { createMetrics } from '@hakiri/service/metrics';
import type { DocumentLog } from '@hakiri/substrate/document-log';
import { createSystemRandom } from '@hakiri/substrate/random';
import { createSimulatedClock } from '@hakiri/testing/simulated-clock';
import { until } from '@hakiri/testing/until';
import { LoroDoc } from 'loro-crdt';
import { decode, MessageType, type ProtocolMessage, UpdateStatusCode } from 'loro-protocol';
import { type Base, encodeBase } from './base.ts';
import { DEFAULTS } from './config.ts';
import { bytesOfFrame } from './frames.ts';
import { COLD_BASE_BYTES } from './host/warm-up.ts';
import { HostPool } from './host-pool.ts';
import { LiveDocument } from './live-document.ts';
import { LogHead } from './log-head.ts';
import { createSyncMetrics } from './metrics.ts';
import type { Peer } from './peer.ts';
import { decodeRecord, encodeRecord, type LeaseNote } from './record.ts';
import { ScratchHost } from './scratch-host.ts';
import { createLocalHosts } from './testing/local-host.ts';
import { createMemoryBlobs } from './testing/memory-blobs.ts';

const LEASED: LeaseNote[] = [
  { peer: '71', user: 'alice', device: 'laptop-12' },
  { peer: '72', user: 'bob', device: 'laptop-12' },
];

/** A base of two edits, and a tail of one. */
function aLog(more: Partial<Base> = {}) {
  const doc = new LoroDoc();
  doc.setPeerId('7');
  migrate(doc);
  doc.getMap('scratch').set('a', 1);
  doc.commit();
  const base = encodeBase({
    snapshot: doc.export({ mode: 'snapshot' }),
    version: versionOf(doc),
    schema: SCHEMA_VERSION,
    leases: LEASED,
    ...more,
  });
  const early = doc.oplogVersion();
  doc.getMap('scratch').set('b', 2);
  doc.commit();
  const update = doc.export({ mode: 'update', from: early });
  const actor = { kind: 'user', id: 'carol' } as const;
  const entries = [encodeRecord({ kind: 'update', actor, receivedAtMs: 1, update })];
  return { doc, base, early: early.encode(), entries, update };
}

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

function join(live: LiveDocument, id: number, version: Uint8Array = new Uint8Array(), device?: string) {
  const heard: ProtocolMessage[] = [];
  const hear = (frame: Uint8Array): void => void heard.push(decode(copyBytes(frame)));
  const peer: Peer = {
    id,
    send: hear,
    sendCatchUp: (frames) => {
      for (const frame of frames) hear(bytesOfFrame(frame));
    },
  };
  const identity = { user: 'alice', name: 'alice' };
  live.room.join(peer, { identity, permission: 'write', version, device, speaks: undefined }, () => {});
  return { peer, heard };
}

const updatesIn = (heard: readonly ProtocolMessage[]): Uint8Array[] =>
  heard.flatMap((message) => (message.type === MessageType.DocUpdate ? message.updates : []));

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
    // Somebody else's update under such an id is refused when the host is there, one's own is taken.
    const write = (id: `${number}`): Uint8Array => {
      const replica = new LoroDoc();
      replica.setPeerId(id);
      replica.getMap('scratch').set(id, 1);
      replica.commit();
      return replica.export({ mode: 'update' });
    };
    const [own = '0'] = granted;
    live.room.update(peer, [write('72')], '0x0000000000000001');
    live.room.update(peer, [write(own)], '0x0000000000000002');
    openHost();
    const acks = (): number[] =>
      heard.flatMap((message) => (message.type === MessageType.Ack ? [message.status] : []));
    await until(() => acks().length === 2);
    expect(acks()).toEqual([UpdateStatusCode.PermissionDenied, UpdateStatusCode.Ok]);
    // Another device of the same user is given others.
    const other = join(live, 2, content.early, 'tower-34');
    await until(() => other.heard.length > 0);
    expect(peersIn(other.heard).filter((id) => peers.includes(id))).toEqual([]);
  });

  test('nobody is answered from a base of another schema or format, or whose tail is long', () => {
    const { base, entries } = aLog();
    const command = {
      kind: 'join',
      input: {
        version: LogHead.of({ base, entries })?.snapshot.version ?? new Uint8Array(),
        user: 'alice',
        connection: 1,
        atMs: 0,
        device: undefined,
        isFresh: true,
        isEditor: false,
        speaks: undefined,
      },
    } as const;
    const answer = (log: { base: Uint8Array; entries: Uint8Array[] }) => LogHead.of(log)?.answer(command);
    expect(answer({ base, entries })).toMatchObject({ kind: 'joined' });
    expect(answer({ base: aLog({ schema: SCHEMA_VERSION + 1 }).base, entries })).toBeUndefined();
    const headless = Uint8Array.of(3, 0, 0, 0, 2, 123, 125, 9);
    expect(answer({ base: headless, entries })).toBeUndefined();
    expect(answer({ base, entries: Array(1_000).fill(entries[0]) })).toBeUndefined();
  });

  test('nobody is answered from a long head, a tail of many bytes, and no editor of a large document', () => {
    const { doc, base } = aLog();
    const version = LogHead.of({ base, entries: [] })?.snapshot.version ?? new Uint8Array();
    const who = {
      user: 'alice',
      connection: 1,
      atMs: 0,
      device: undefined,
      isFresh: true,
      speaks: undefined,
    };
    const answer = (log: { base: Uint8Array; entries: Uint8Array[] }, isEditor = false) =>
      LogHead.of(log)?.answer({ kind: 'join', input: { ...who, version, isEditor } });
    expect(answer({ base, entries: [] }, true)).toMatchObject({ kind: 'joined' });

    const leases = Array.from({ length: 10_000 }, (_, index) => ({
      peer: `${index}` as const,
      user: 'alice',
    }));
    expect(LogHead.of({ base: aLog({ leases }).base, entries: [] })).toBeUndefined();

    const before = doc.oplogVersion();
    doc.getText('typed').insert(0, 'x'.repeat(300_000));
    doc.commit();
    const update = doc.export({ mode: 'update', from: before });
    const actor = { kind: 'user', id: 'carol' } as const;
    const entry = encodeRecord({ kind: 'update', actor, receivedAtMs: 1, update });
    expect(entry.length).toBeGreaterThan(256 * 1024);
    expect(answer({ base, entries: [entry] })).toBeUndefined();

    const large = aLog({ snapshot: new Uint8Array(COLD_BASE_BYTES + 1) }).base;
    expect(answer({ base: large, entries: [] })).toMatchObject({ kind: 'joined' });
    expect(answer({ base: large, entries: [] }, true)).toBeUndefined();
  });
});
