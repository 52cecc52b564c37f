// Acknowledged means durable: with a log whose appends the test holds, lets go, or fails.
import { describe, expect, test } from 'bun:test';
import type { DocumentLog } from '@hakiri/substrate/document-log';
import { until } from '@hakiri/testing/until';
import { LoroDoc } from 'loro-crdt';
import { MessageType, UpdateStatusCode } from 'loro-protocol';
import { anEdit, join, Raw } from '../testing/bed.ts';
import { bedsOfTests } from '../testing/in-test.ts';

const bedOf = bedsOfTests();

/** Appends wait until they are released, or fail. */
function heldLog() {
  let release: (() => void)[] = [];
  const state = { holding: false, failing: false, appended: 0 };
  const wrap = (log: DocumentLog): DocumentLog => ({
    open: log.open,
    read: log.read,
    position: log.position,
    list: log.list,
    compact: log.compact,
    append: async (...args) => {
      if (state.holding) await new Promise<void>((resolve) => release.push(resolve));
      if (state.failing) throw new Error('no space left on device');
      const position = await log.append(...args);
      state.appended += 1;
      return position;
    },
  });
  const letGo = (): void => {
    state.holding = false;
    for (const resolve of release) resolve();
    release = [];
  };
  return { state, wrap, letGo, waiting: () => release.length };
}

describe('acknowledged means durable', () => {
  test('[SY2.1] no acknowledgement leaves before the append resolves; the others see the edit at once', async () => {
    const { state, wrap, letGo } = heldLog();
    const bed = await bedOf({ log: wrap });
    const [writer, reader] = [await Raw.open(bed), await Raw.open(bed)];
    writer.join('alice');
    reader.join('bob');
    await Promise.all([writer.next(MessageType.JoinResponseOk), reader.next(MessageType.JoinResponseOk)]);
    state.holding = true;
    const first = writer.update(anEdit('a', '1'));
    const second = writer.update(anEdit('b', '2'));
    await reader.next(MessageType.DocUpdate);
    await writer.handled();
    expect(writer.heard.some((message) => message.type === MessageType.Ack)).toBe(false);
    letGo();
    expect(await writer.ackOf(first)).toBe(UpdateStatusCode.Ok);
    expect(await writer.ackOf(second)).toBe(UpdateStatusCode.Ok);
    writer.end();
    reader.end();
  });

  test('[SY2.2] edits that wait together are stored together', async () => {
    const { state, wrap, letGo } = heldLog();
    const bed = await bedOf({ log: wrap });
    const raw = await Raw.open(bed);
    raw.join('alice');
    await raw.next(MessageType.JoinResponseOk);
    state.holding = true;
    const batches = Array.from({ length: 100 }, (_, index) => raw.update(anEdit(`k${index}`, 'v')));
    await raw.handled();
    const before = state.appended;
    letGo();
    for (const batch of batches) expect(await raw.ackOf(batch)).toBe(UpdateStatusCode.Ok);
    expect(state.appended - before).toBeLessThanOrEqual(3);
    raw.end();
  });

  test('[SY2.3] an append that fails acknowledges nothing, stops the document, and the next join loads it', async () => {
    const { state, wrap } = heldLog();
    const bed = await bedOf({ log: wrap });
    const raw = await Raw.open(bed);
    raw.join('alice');
    await raw.next(MessageType.JoinResponseOk);
    const good = raw.update(anEdit('good', '1'));
    expect(await raw.ackOf(good)).toBe(UpdateStatusCode.Ok);
    state.failing = true;
    raw.update(anEdit('bad', '2'));
    expect(await raw.whenClosed()).toEqual({ code: 1012, reason: 'document_restarts' });
    expect(raw.heard.filter((message) => message.type === MessageType.Ack)).toHaveLength(1);
    state.failing = false;
    const again = await join(bed, 'alice');
    expect(again.doc.getMap('scratch').toJSON()).toEqual({ good: '1' });
    again.leave();
  });

  test('[SY2.17] who joins again while the document stops keeps the socket, and is told to send what was not stored again', async () => {
    const { state, wrap, letGo, waiting } = heldLog();
    const bed = await bedOf({ log: wrap, config: { passing: { retryMs: 1, patienceMs: 60_000 } } });
    const raw = await Raw.open(bed);
    raw.join('alice');
    await raw.next(MessageType.JoinResponseOk);
    state.holding = true;
    const edit = anEdit('a', '1');
    const batch = raw.update(edit);
    await until(() => waiting() > 0, { what: 'the edit is on its way to the log' });
    const isAnswered = Promise.withResolvers<boolean>();
    bed.guard.confirmed = () => isAnswered.promise;
    raw.join('alice');
    await raw.read();
    state.failing = true;
    letGo();
    expect(await raw.ackOf(batch)).toBe(UpdateStatusCode.RateLimited);
    state.failing = false;
    isAnswered.resolve(true);
    await raw.next(MessageType.JoinResponseOk);
    expect(await raw.ackOf(raw.update(edit))).toBe(UpdateStatusCode.Ok);
    expect(raw.closed).toBeUndefined();
    raw.end();
  });

  test('[SY2.4] a join names a version only when it is durable', async () => {
    const { state, wrap, letGo } = heldLog();
    const bed = await bedOf({ log: wrap });
    const writer = await Raw.open(bed);
    writer.join('alice');
    await writer.next(MessageType.JoinResponseOk);
    state.holding = true;
    writer.update(anEdit('a', '1'));
    const joiner = await Raw.open(bed);
    joiner.join('bob');
    await joiner.handled();
    writer.update(anEdit('b', '2'));
    await writer.handled();
    expect(joiner.heard).toEqual([]);
    letGo();
    await joiner.next(MessageType.JoinResponseOk);
    const doc = new LoroDoc();
    await until(() => {
      for (const message of joiner.heard.splice(0))
        if (message.type === MessageType.DocUpdate) for (const update of message.updates) doc.import(update);
      return doc.getMap('scratch').get('b') === '2';
    });
    expect(doc.getMap('scratch').toJSON()).toEqual({ a: '1', b: '2' });
    writer.end();
    joiner.end();
  });

  test('[SY2.5] a document that left memory, or was compacted, comes back whole', async () => {
    const bed = await bedOf({ config: { unloadMs: 1, compactEntries: 10 } });
    const raw = await Raw.open(bed);
    raw.join('alice');
    await raw.next(MessageType.JoinResponseOk);
    const expected: Record<string, string> = {};
    for (let index = 0; index < 50; index++) {
      expected[`k${index}`] = `${index}`;
      expect(await raw.ackOf(raw.update(anEdit(`k${index}`, `${index}`)))).toBe(UpdateStatusCode.Ok);
    }
    const isCompacted = async () =>
      (await bed.substrate.documents.read({ team: 'default', doc: 'main' })).base !== undefined;
    await until(isCompacted);
    raw.end();
    await until(async () => /^hakiri_sync_documents(\{.*\})? 0$/m.test(await bed.metrics()));
    const { base, entries } = await bed.substrate.documents.open({ team: 'default', doc: 'main' });
    expect(base).toBeDefined();
    expect(entries.length).toBeLessThan(50);
    const again = await join(bed, 'bob');
    expect(again.doc.getMap('scratch').toJSON()).toEqual(expected);
    again.leave();
  });
});
