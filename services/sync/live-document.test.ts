// The document's life in memory: loaded anew when it is spoilt, taking nothing in while it leaves, honest when its log fails.
import { describe, expect, test } from 'bun:test';
import { present } from '@hakiri/base/assert';
import { createPipeline } from '@hakiri/config-doc/edit';
import { readPipeline } from '@hakiri/config-doc/read';
import type { Actor } from '@hakiri/contracts/envelope';
import type { EditRequest } from '@hakiri/contracts/sync';
import { silentLogger } from '@hakiri/service/logger';
import { createMetrics } from '@hakiri/service/metrics';
import type { DocumentLog } from '@hakiri/substrate/document-log';
import { createSimulatedClock } from '@hakiri/testing/simulated-clock';
import { until } from '@hakiri/testing/until';
import { LoroDoc } from 'loro-crdt';
import { decode, MessageType, type ProtocolMessage, UpdateStatusCode } from 'loro-protocol';
import { DEFAULTS, type SyncConfig } from './config.ts';
import { DocumentStopped, LiveDocument } from './live-document.ts';
import { createSyncMetrics } from './metrics.ts';
import type { Peer } from './peer.ts';
import { anEdit } from './testing/bed.ts';

const ID = { team: 'default', doc: 'main' };
const ALICE: Actor = { kind: 'user', id: 'alice' };
const NOTHING: EditRequest = { put: [], putVariables: [], delete: [], deleteVariables: [] };
const clock = createSimulatedClock();

/** In memory; appends wait while `gate` does, and fail after `failing`. */
function memoryLog() {
  const entries: Uint8Array[] = [];
  const state = { gate: Promise.resolve(), failing: false, opened: 0 };
  const log: DocumentLog = {
    open: async () => {
      state.opened += 1;
      return { epoch: state.opened, base: undefined, entries: [...entries], position: entries.length };
    },
    append: async (_id, _epoch, _position, more) => {
      await state.gate;
      if (state.failing) throw new Error('no space left on device');
      entries.push(...more);
      return entries.length;
    },
    compact: async () => {},
    list: async () => ['main'],
  };
  return { log, state };
}

async function open(config: Partial<SyncConfig> = {}) {
  const { log, state } = memoryLog();
  const harmful: Peer[] = [];
  const stops: string[] = [];
  const live = await LiveDocument.open(
    ID,
    {
      log,
      clock,
      logger: silentLogger,
      metrics: createSyncMetrics(createMetrics('sync')),
      config: { ...DEFAULTS, ...config },
    },
    { onHarmful: (peer) => harmful.push(peer), onStopped: () => stops.push('stopped') },
  );
  await live.read(() => undefined);
  return { live, state, harmful, stops };
}

function member(live: LiveDocument, id: number) {
  const heard: ProtocolMessage[] = [];
  const peer: Peer = {
    id,
    send: (frame) => heard.push(decode(frame)),
    sendCatchUp: (frames) => {
      for (const frame of frames) heard.push(decode(frame));
    },
  };
  const identity = { user: `u${id}`, name: `U${id}` };
  live.room.join(peer, { identity, permission: 'write', version: new Uint8Array(), extra: new Uint8Array() });
  let last = 0;
  const update = (bytes: Uint8Array): (() => number | undefined) => {
    last += 1;
    const batchId = `0x${last.toString(16).padStart(16, '0')}` as const;
    live.whenLive({ run: () => live.room.update(peer, [bytes], batchId), fail: () => {} });
    return () => {
      const ack = heard.find((message) => message.type === MessageType.Ack && message.refId === batchId);
      return ack?.type === MessageType.Ack ? ack.status : undefined;
    };
  };
  return { peer, heard, update, ackOf: (bytes: Uint8Array) => answered(update(bytes)) };
}

const answered = (ask: () => number | undefined): Promise<number> =>
  until(
    () => {
      const status = ask();
      return status === undefined ? undefined : { status };
    },
    { what: 'an answer' },
  ).then(({ status }) => status);

const scratchOf = (live: LiveDocument): Promise<unknown> =>
  live.read(({ loro }) => loro.getMap('scratch').toJSON());

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
    const { live, state } = await open();
    const spoil = live.read((document) =>
      document.edit((doc) => {
        doc.getMap('scratch').set('half', 1);
        throw new TypeError('a draft that nobody thought of');
      }),
    );
    await expect(spoil).rejects.toThrow(TypeError);
    expect(await scratchOf(live)).toEqual({});
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
    const { live, state } = await open();
    const held = Promise.withResolvers<void>();
    state.gate = held.promise;
    const writer = member(live, 1);
    writer.update(anEdit('a', '1'));
    const waiting = live.hasVersion(new Map([['99', 1]]), 1_000);
    const spoilt = live.read((document) =>
      document.edit(() => {
        throw new Error('spoilt');
      }),
    );
    await expect(spoilt).rejects.toThrow('spoilt');
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
    const leaving = live.unload();
    let late = 0;
    const again = (): void =>
      live.whenLive({
        run: () => {
          throw new Error('it leaves');
        },
        fail: () => {
          late += 1;
        },
      });
    again();
    const edit = live.edit({ ...NOTHING, put: [aDraft('p-1')] }, ALICE);
    held.resolve();
    await expect(edit).rejects.toBeInstanceOf(DocumentStopped);
    await leaving;
    expect(taken()).toBe(UpdateStatusCode.Ok);
    again();
    expect(late).toBe(2);
  });

  test('[SY2.9] asked to leave while it is loaded anew, it loads first', async () => {
    const { live, state } = await open();
    await expect(
      live.read((document) =>
        document.edit(() => {
          throw new Error('spoilt');
        }),
      ),
    ).rejects.toThrow('spoilt');
    const waiting = scratchOf(live);
    await live.unload();
    expect(await waiting).toEqual({});
    await expect(scratchOf(live)).rejects.toBeInstanceOf(DocumentStopped);
    expect(state.opened).toBe(2);
  });
});
