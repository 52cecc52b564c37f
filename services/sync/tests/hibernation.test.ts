// Documents that nobody touches: out of memory while their sockets stay, and back with the next frame.
import { describe, expect, test } from 'bun:test';
import { concatBytes } from '@hakiri/base/bytes';
import { createPrng } from '@hakiri/base/prng';
import { until } from '@hakiri/testing/until';
import { LoroDoc } from 'loro-crdt';
import { CrdtType, MessageType, UpdateStatusCode } from 'loro-protocol';
import { encodeRecord } from '../document/record.ts';
import { anEdit, type Bed, ROOM } from '../testing/bed.ts';
import { bedsOfTests, member, say } from '../testing/in-test.ts';

const MAIN = { team: 'default', doc: 'main' };
const bedOf = bedsOfTests();

const isAsleep = async (bed: Bed, count = 0): Promise<boolean> =>
  new RegExp(`^hakiri_sync_documents_awake(\\{.*\\})? ${count}$`, 'm').test(await bed.metrics());

describe('a document that nobody touches', () => {
  test('[SY8.2] leaves memory while its sockets stay; the next frame wakes it', async () => {
    const bed = await bedOf({ config: { sleepMs: 100 } });
    const [alice, bob] = [await member(bed, 'alice'), await member(bed, 'bob')];
    expect(await alice.ackOf(alice.update(anEdit('a', '1')))).toBe(UpdateStatusCode.Ok);
    await until(() => isAsleep(bed), { what: 'it sleeps' });
    bob.heard.length = 0;
    expect(await alice.ackOf(alice.update(anEdit('b', '2')))).toBe(UpdateStatusCode.Ok);
    await until(() => bob.heard.some(({ type }) => type === MessageType.DocUpdate));
    expect([alice.closed, bob.closed]).toEqual([undefined, undefined]);
    await until(() => isAsleep(bed));
    const fresh = await member(bed, 'carol');
    expect((await bed.http('/v1/docs/main')).status).toBe(200);
    for (const raw of [alice, bob, fresh]) raw.end();
  });

  test('[SY8.2] presence goes on while it sleeps', async () => {
    const bed = await bedOf({ config: { sleepMs: 50 } });
    const alice = await member(bed, 'alice', CrdtType.LoroEphemeralStore);
    const bob = await member(bed, 'bob', CrdtType.LoroEphemeralStore);
    await until(() => isAsleep(bed));
    alice.update(say('alice', 'schedule'), CrdtType.LoroEphemeralStore);
    await until(() => bob.heard.some(({ type }) => type === MessageType.DocUpdate));
    expect(await isAsleep(bed)).toBe(true);
    alice.end();
    bob.end();
  });

  test('[SY8.3] of too many awake the one used longest ago sleeps first', async () => {
    const bed = await bedOf({ config: { documentsAwake: 1 } });
    for (const doc of ['one', 'two'])
      await bed.http('/v1/docs', {
        method: 'POST',
        body: JSON.stringify({ doc }),
        headers: { 'content-type': 'application/json' },
      });
    const raw = await member(bed, 'alice');
    for (const doc of ['one', 'two', 'one', 'two']) {
      const room = ROOM.replace('main', doc);
      raw.join('alice', CrdtType.Loro, room);
      await raw.next(MessageType.JoinResponseOk);
      const batch = raw.update(anEdit(doc, '1'), CrdtType.Loro, room);
      expect(await raw.ackOf(batch)).toBe(UpdateStatusCode.Ok);
      await until(() => isAsleep(bed, 1));
    }
    raw.end();
  });
});

test('[SY8.3] of too many that nobody has written to the one used longest ago sleeps; those written to stay', async () => {
  const bed = await bedOf({ config: { unwritten: { count: 1, restMs: 50 } } });
  const raw = await member(bed, 'alice');
  const rooms = ['one', 'two', 'three'].map((doc) => ROOM.replace('main', doc));
  for (const room of rooms) {
    const body = JSON.stringify({ doc: room.split('/').at(-1) });
    await bed.http('/v1/docs', { method: 'POST', body, headers: { 'content-type': 'application/json' } });
    raw.join('alice', CrdtType.Loro, room);
    await raw.next(MessageType.JoinResponseOk);
  }
  await until(() => isAsleep(bed, 1));
  for (const [index, room] of rooms.entries()) {
    const batch = raw.update(anEdit(`key-${index}`, '1'), CrdtType.Loro, room);
    expect(await raw.ackOf(batch)).toBe(UpdateStatusCode.Ok);
  }
  await until(() => isAsleep(bed, 3));
  raw.end();
});

test('[SY8.9] who has a document that sleeps is told so without waking it; who has an older one gets it', async () => {
  const bed = await bedOf({ config: { sleepMs: 100 } });
  const alice = await member(bed, 'alice');
  const get = (etag: string): Promise<Response> =>
    bed.http('/v1/docs/main', { headers: { 'if-none-match': etag } });
  const old = (await get('""')).headers.get('etag') ?? '';
  expect(await alice.ackOf(alice.update(anEdit('a', '1')))).toBe(UpdateStatusCode.Ok);
  const awake = (await get('""')).headers.get('etag') ?? '';
  await until(() => isAsleep(bed));
  const asleep = await get(awake);
  expect([asleep.status, asleep.headers.get('etag')]).toEqual([304, awake]);
  expect(await isAsleep(bed)).toBe(true);
  expect((await get(old)).status).toBe(200);
  await until(() => isAsleep(bed));
  alice.end();
});

test('[SY8.9] to which another process wrote while it slept, who has what it had then is told what it is now', async () => {
  const bed = await bedOf({ config: { sleepMs: 100 } });
  const alice = await member(bed, 'alice');
  const get = (etag: string): Promise<Response> =>
    bed.http('/v1/docs/main', { headers: { 'if-none-match': etag } });
  expect(await alice.ackOf(alice.update(anEdit('a', '1')))).toBe(UpdateStatusCode.Ok);
  const before = (await get('""')).headers.get('etag') ?? '';
  await until(() => isAsleep(bed));
  const { documents: log } = bed.substrate;
  const { epoch, position } = await log.open(MAIN);
  const actor = { kind: 'user', id: 'bob' } as const;
  const entry = encodeRecord({ kind: 'update', actor, receivedAtMs: 1, update: anEdit('b', '2') });
  await log.append(MAIN, epoch, position, [entry]);
  const after = await get(before);
  expect(after.status).toBe(200);
  expect(after.headers.get('etag')).not.toBe(before);
  alice.end();
});

test('[SY3.1] who joins a document that was woken gets its base in fragments, and what came since behind it', async () => {
  const bed = await bedOf({ config: { sleepMs: 200 } });
  const alice = await member(bed, 'alice');
  const prng = createPrng(5);
  const noise = (): string => Array.from({ length: 10_000 }, () => prng.below(36).toString(36)).join('');
  // Enough entries for a base when it falls asleep.
  for (let index = 0; index < 40; index++)
    expect(await alice.ackOf(alice.update(anEdit(`noise-${index}`, noise())))).toBe(UpdateStatusCode.Ok);
  await until(() => isAsleep(bed));
  expect(await alice.ackOf(alice.update(anEdit('late', '1')))).toBe(UpdateStatusCode.Ok);
  for (const name of ['bob', 'carol']) {
    const fresh = await member(bed, name);
    const doc = new LoroDoc();
    const parts: Uint8Array[] = [];
    let whole = 0;
    await until(() => {
      for (const message of fresh.heard.splice(0)) {
        if (message.type === MessageType.DocUpdateFragmentHeader) whole = message.fragmentCount;
        if (message.type === MessageType.DocUpdateFragment) parts.push(message.fragment);
        if (parts.length === whole && whole > 0) doc.import(concatBytes(parts.splice(0)));
        if (message.type === MessageType.DocUpdate) for (const update of message.updates) doc.import(update);
      }
      return doc.getMap('scratch').get('late') === '1';
    });
    expect(whole).toBeGreaterThan(1);
    expect(doc.getMap('scratch').size).toBe(41);
    fresh.end();
  }
  alice.end();
});
