// The document's life in memory: loaded anew when it is spoilt, taking nothing in while it leaves, honest when its log fails.
import { describe, expect, test } from 'bun:test';
import { present } from '@hakiri/base/assert';
import { createPipeline } from '@hakiri/config-doc/edit';
import { readPipeline } from '@hakiri/config-doc/read';
import type { Actor } from '@hakiri/contracts/envelope';
import type { EditRequest } from '@hakiri/contracts/sync';
import { silentLogger } from '@hakiri/service/logger';
import { createMetrics } from '@hakiri/service/metrics';
import { type DocumentLog, DocumentLogError } from '@hakiri/substrate/document-log';
import { entriesOf } from '@hakiri/substrate/log-group';
import { createSystemRandom } from '@hakiri/substrate/random';
import { createSimulatedClock } from '@hakiri/testing/simulated-clock';
import { until } from '@hakiri/testing/until';
import { LoroDoc } from 'loro-crdt';
import { decode, MessageType, type ProtocolMessage, UpdateStatusCode } from 'loro-protocol';
import { DEFAULTS, type SyncConfig } from '../config.ts';
import { createSyncMetrics } from '../metrics.ts';
import { HostPool } from '../pool/host-pool.ts';
import { ScratchHost } from '../pool/scratch-host.ts';
import { bytesOfFrame } from '../socket/frames.ts';
import type { Peer } from '../socket/peer.ts';
import { anEdit } from '../testing/bed.ts';
import { createLocalHosts, type LocalHosts } from '../testing/local-host.ts';
import { createMemoryBlobs } from '../testing/memory-blobs.ts';
import { CommandHarmful, DocumentStopped } from './document-errors.ts';
import { LiveDocument } from './live-document.ts';

const ID = { team: 'default', doc: 'main' };
const ALICE: Actor = { kind: 'user', id: 'alice' };
const NOTHING: EditRequest = { put: [], putVariables: [], delete: [], deleteVariables: [] };
const clock = createSimulatedClock();

/** In memory; appends wait while `gate` does, and fail after `failing`. */
function memoryLog() {
  const entries: Uint8Array[] = [];
  const state = { gate: Promise.resolve(), failing: false, opened: 0, appending: 0, bases: 0 };
  const log: DocumentLog = {
    open: async () => {
      state.opened += 1;
      return { epoch: state.opened, base: undefined, entries: [...entries], position: entries.length };
    },
    append: async (_id, _epoch, _position, more) => {
      state.appending += 1;
      await state.gate;
      if (state.failing) throw new Error('no space left on device');
      return entries.push(...entriesOf(more));
    },
    compact: async () => {
      state.bases += 1;
      throw new DocumentLogError('full', 'no room for a base');
    },
    read: async () => ({ base: undefined, entries: [...entries], position: entries.length }),
    position: async () => entries.length,
    list: async () => ['main'],
  };
  return { log, state };
}

async function open(more: Partial<SyncConfig> = {}) {
  const { log, state } = memoryLog();
  const harmful: Peer[] = [];
  const stops: string[] = [];
  const hosts = createLocalHosts();
  const config = { ...DEFAULTS, ...more };
  const metrics = createSyncMetrics(createMetrics('sync'));
  const { workerStallMs: stallMs } = config;
  const pool = new HostPool({ start: hosts.start, limits: config, clock, stallMs, size: 1, metrics });
  const scratch = new ScratchHost({ start: hosts.start, limits: config, clock, stallMs, idleMs: 1_000 });
  const blobs = createMemoryBlobs();
  const live = new LiveDocument(
    ID,
    { log, pool, scratch, blobs, clock, random: createSystemRandom(), logger: silentLogger, metrics, config },
    {
      onAwake: () => {},
      onFault: () => {},
      isCooling: () => false,
      onHarmful: (peer) => harmful.push(peer),
      onStopped: () => stops.push('stopped'),
    },
  );
  await scratchOf(live);
  return { live, hosts, state, harmful, stops };
}

/** The next edit of the server is performed, and then said to have failed. */
function failNextEdit(hosts: LocalHosts): void {
  hosts.sabotage = ({ kind }) => {
    if (kind !== 'edit') return undefined;
    hosts.sabotage = undefined;
    return { kind: 'failed', error: 'TypeError: a draft that nobody thought of' };
  };
}

function member(live: LiveDocument, id: number, user = `u${id}`) {
  const heard: ProtocolMessage[] = [];
  const peer: Peer = {
    id,
    send: (frame) => heard.push(decode(frame)),
    sendCatchUp: (frames) => void heard.push(...frames.map((frame) => decode(bytesOfFrame(frame).slice()))),
  };
  const identity = { user, name: user };
  const nothing = new Uint8Array();
  const joined = new Promise((resolve) =>
    live.room.join(
      peer,
      {
        identity,
        permission: 'write',
        version: nothing,
        device: undefined,
        speaks: undefined,
      },
      resolve,
    ),
  );
  let last = 0;
  const update = (bytes: Uint8Array): (() => number | undefined) => {
    last += 1;
    const batchId = `0x${last.toString(16).padStart(16, '0')}` as const;
    void joined.then(() => live.room.update(peer, [bytes], batchId));
    return () => {
      const ack = heard.find((message) => message.type === MessageType.Ack && message.refId === batchId);
      return ack?.type === MessageType.Ack ? ack.status : undefined;
    };
  };
  return { peer, heard, joined, update, ackOf: (bytes: Uint8Array) => answered(update(bytes)) };
}

const answered = (ask: () => number | undefined): Promise<number> =>
  until(
    () => {
      const status = ask();
      return status === undefined ? undefined : { status };
    },
    { what: 'an answer' },
  ).then(({ status }) => status);

async function scratchOf(live: LiveDocument): Promise<unknown> {
  const { value } = await live.query<'bytes'>({ name: 'bytes', input: undefined });
  const doc = new LoroDoc();
  doc.import(value);
  return doc.getMap('scratch').toJSON();
}

function aDraft(id: string): EditRequest['put'][number] {
  const doc = new LoroDoc();
  return present(readPipeline(doc, createPipeline(doc, { id })), 'it was just made');
}

describe('operations that build on missing ones', () => {
  test('[SY3.7] past the bound the document is loaded quietly: who supplies them is no attacker', async () => {
    const { live, state, harmful } = await open({ pending: { bytes: 1, counters: 1_000 } });
    const [mallory, alice] = [member(live, 1), member(live, 2)];
    const base = anEdit('base', 'x', '70');
    const other = new LoroDoc();
    other.import(base);
    const from = other.oplogVersion();
    other.getMap('scratch').set('dependent', 'y');
    other.commit();
    const dependent = other.export({ mode: 'update', from });
    expect(await mallory.ackOf(dependent)).toBe(UpdateStatusCode.AppError);
    expect(await alice.ackOf(base)).toBe(UpdateStatusCode.Ok);
    expect(state.opened).toBe(2);
    // It was not kept; it may come again.
    expect(await scratchOf(live)).toEqual({ base: 'x' });
    expect(await mallory.ackOf(dependent)).toBe(UpdateStatusCode.Ok);
    expect(harmful).toEqual([]);
  });
});

describe('edits of the server', () => {
  test('[SY15.8] one that throws half-way leaves nothing in the document', async () => {
    const { live, hosts, state } = await open();
    failNextEdit(hosts);
    const put = [aDraft('p-1')];
    await expect(live.edit({ ...NOTHING, put }, ALICE)).rejects.toBeInstanceOf(CommandHarmful);
    const { value } = await live.query<'outline'>({ name: 'outline', input: undefined });
    expect(value.pipelines).toEqual([]);
    expect(state.opened).toBe(2);
  });

  test('[SY15.9] are refused when the document is full, or too much waits for the disk', async () => {
    const full = await open({ documentBytes: 1 });
    const put = [aDraft('p-1')];
    expect(await full.live.edit({ ...NOTHING, put }, ALICE)).toMatchObject({ code: 'edit.document_full' });
    const { live, state } = await open({ backlogBytes: 10 });
    const held = Promise.withResolvers<void>();
    state.gate = held.promise;
    const answer = member(live, 1).update(anEdit('a', '1'));
    await until(() => live.life.refusal() === 'backlog');
    const refused = live.edit({ ...NOTHING, put }, ALICE);
    held.resolve();
    expect(await refused).toMatchObject({ kind: 'refused', code: 'edit.backlog' });
    expect(await answered(answer)).toBe(UpdateStatusCode.Ok);
    expect(await live.edit({ ...NOTHING, put }, ALICE)).toMatchObject({ kind: 'done', changed: 1 });
  });
});

describe('when it ends', () => {
  test('[SY15.10] a wait for a version fails when the log does: whether it would have come is not known', async () => {
    const { live, state, stops } = await open();
    const waiting = live.hasVersion(new Map([['99', 1]]), 1_000);
    state.failing = true;
    member(live, 1).update(anEdit('a', '1'));
    await expect(waiting).rejects.toBeInstanceOf(DocumentStopped);
    expect(stops).toEqual(['stopped']);
    await expect(live.hasVersion(new Map([['99', 1]]), 1_000)).rejects.toBeInstanceOf(DocumentStopped);
  });

  test('[SY15.10] a version whose time is over while the document is loaded anew is not unknown', async () => {
    const { live, hosts, state } = await open();
    const held = Promise.withResolvers<void>();
    state.gate = held.promise;
    const before = state.appending;
    const waiting = live.hasVersion(new Map([['99', 1]]), 1_000);
    await live.query<'version'>({ name: 'version', input: undefined });
    member(live, 1).update(anEdit('a', '1'));
    await until(() => state.appending > before);
    failNextEdit(hosts);
    const spoilt = live.edit({ ...NOTHING, put: [aDraft('p-1')] }, ALICE);
    await expect(spoilt).rejects.toBeInstanceOf(CommandHarmful);
    const outcome = waiting.catch((error: unknown) => error);
    await clock.advance(1_000);
    expect(await outcome).toBeInstanceOf(DocumentStopped);
    held.resolve();
    expect(await scratchOf(live)).toEqual({ a: '1' });
  });

  test('[SY2.9] it takes nothing in while it leaves, so it comes to an end; what was taken is acknowledged', async () => {
    const { live, state } = await open();
    const writer = member(live, 1);
    const held = Promise.withResolvers<void>();
    state.gate = held.promise;
    const taken = writer.update(anEdit('a', '1'));
    await writer.joined;
    const leaving = live.unload();
    const late = live.edit({ ...NOTHING, put: [aDraft('p-1')] }, ALICE);
    await expect(late).rejects.toBeInstanceOf(DocumentStopped);
    held.resolve();
    await leaving;
    expect(taken()).toBe(UpdateStatusCode.Ok);
    await expect(scratchOf(live)).rejects.toBeInstanceOf(DocumentStopped);
  });

  test('[SY2.9] asked to leave while it is loaded anew, it loads first', async () => {
    const { live, hosts, state } = await open();
    failNextEdit(hosts);
    await expect(live.edit({ ...NOTHING, put: [aDraft('p-1')] }, ALICE)).rejects.toThrow();
    const waiting = scratchOf(live);
    await live.unload();
    expect(await waiting).toEqual({});
    await expect(scratchOf(live)).rejects.toBeInstanceOf(DocumentStopped);
    expect(state.opened).toBe(2);
  });
});

test('[SY7.16] a base that the log does not take leaves the document alone; the next is made when the tail has grown', async () => {
  const { live, state, stops } = await open({ compactEntries: 3 });
  const edit = (id: number) => live.edit({ ...NOTHING, put: [aDraft(`p-${id}`)] }, ALICE);
  let edits = 0;
  for (const bases of [1, 2, 3])
    while (state.bases < bases) {
      await edit(edits);
      edits += 1;
      expect(edits).toBeLessThan(200);
    }
  expect(edits).toBeGreaterThan(9);
  expect(stops).toEqual([]);
});

test('[SY5.8] who leaves while the document is opened anew holds no peer id that somebody else brings', async () => {
  const { live } = await open();
  const doc = new LoroDoc();
  doc.setPeerId('900');
  const edit = (value: number): Uint8Array => {
    doc.getMap('scratch').set('a', value);
    doc.commit();
    return doc.export({ mode: 'update' });
  };
  const first = member(live, 1, 'zoe');
  await first.joined;
  live.room.update(first.peer, [edit(1)], '0x00000000000000ff');
  live.life.reopen();
  live.room.leave(1);
  await scratchOf(live);
  // All of its own, as after an acknowledgement that was lost.
  const second = member(live, 2, 'zoe');
  expect(await second.ackOf(edit(2))).toBe(UpdateStatusCode.Ok);
});

test('[SY5.8] who leaves while it sleeps does not wake it', async () => {
  const { live, state } = await open();
  await member(live, 1).joined;
  await live.life.sleep();
  const opened = state.opened;
  live.room.leave(1);
  expect(live.life.isResting).toBe(true);
  expect(state.opened).toBe(opened);
});
