// What a hostile or broken client sends: each thing gets its own refusal, and nobody else notices.
import { describe, expect, test } from 'bun:test';
import { utf8 } from '@hakiri/base/bytes';
import { createPrng, type Prng } from '@hakiri/base/prng';
import { type Logger, silentLogger } from '@hakiri/service/logger';
import { createShiftingClock } from '@hakiri/testing/shifting-clock';
import { until } from '@hakiri/testing/until';
import { LoroDoc } from 'loro-crdt';
import { CrdtType, encode, MessageType, UpdateStatusCode } from 'loro-protocol';
import { DEFAULTS } from '../config.ts';
import { anEdit, converged, join, Raw, ROOM } from '../testing/bed.ts';
import { handIn, metricOf } from '../testing/compacting.ts';
import { bedsOfTests, member } from '../testing/in-test.ts';

const bedOf = bedsOfTests();

describe('refused before Loro sees it', () => {
  test('[SY11.3] each wrong update has its own status, and the document does not change', async () => {
    const bed = await bedOf();
    const raw = await member(bed, 'mallory');
    const before = await (await bed.http('/v1/docs/main')).text();
    const doc = new LoroDoc();
    doc.getMap('scratch').set('a', 1);
    doc.commit();
    const good = doc.export({ mode: 'update' });
    const flipped = good.slice();
    flipped[good.length - 1] = (good.at(-1) ?? 0) ^ 1;
    const list = new LoroDoc();
    for (let index = 0; index <= DEFAULTS.update.counters; index++) list.getList('l').push(null);
    list.commit();
    const cases: [string, Uint8Array | Uint8Array[], number][] = [
      ['noise', Uint8Array.of(1, 2, 3), UpdateStatusCode.InvalidUpdate],
      ['nothing', new Uint8Array(), UpdateStatusCode.InvalidUpdate],
      ['no updates', [], UpdateStatusCode.InvalidUpdate],
      ['a wrong checksum', flipped, UpdateStatusCode.InvalidUpdate],
      ['a snapshot', doc.export({ mode: 'snapshot' }), UpdateStatusCode.InvalidUpdate],
      [
        'a shallow snapshot',
        doc.export({ mode: 'shallow-snapshot', frontiers: doc.oplogFrontiers() }),
        UpdateStatusCode.InvalidUpdate,
      ],
      ['too many operations', list.export({ mode: 'update' }), UpdateStatusCode.PayloadTooLarge],
      ['too many updates', Array.from({ length: 300 }, () => good), UpdateStatusCode.InvalidUpdate],
    ];
    for (const [what, update, status] of cases)
      expect([what, await raw.ackOf(raw.update(update))]).toEqual([what, status]);
    expect(await (await bed.http('/v1/docs/main')).text()).toBe(before);
    raw.end();
  });

  test('[SY11.4] a text of the longest allowed length may be pasted at once', async () => {
    const bed = await bedOf();
    const raw = await member(bed, 'mallory');
    const doc = new LoroDoc();
    doc.getText('body').insert(0, 'x'.repeat(64 * 1024));
    doc.commit();
    expect(await raw.ackOf(raw.update(doc.export({ mode: 'update' })))).toBe(UpdateStatusCode.Ok);
    raw.end();
  });

  test('[SY11.5] who only reads, and who is not in the room, may not write, whole or in fragments', async () => {
    const bed = await bedOf();
    bed.guard.roles.set('vera', 'viewer');
    const vera = await Raw.open(bed);
    vera.join('vera');
    expect(await vera.next(MessageType.JoinResponseOk)).toMatchObject({ permission: 'read' });
    const stranger = await Raw.open(bed);
    for (const raw of [vera, stranger]) {
      expect(await raw.ackOf(raw.update(anEdit('a', 'b')))).toBe(UpdateStatusCode.PermissionDenied);
      const batchId = raw.batchId();
      const address = { crdt: CrdtType.Loro, roomId: ROOM, batchId };
      raw.send({
        ...address,
        type: MessageType.DocUpdateFragmentHeader,
        fragmentCount: 2,
        totalSizeBytes: 300_000,
      });
      expect(await raw.ackOf(batchId)).toBe(UpdateStatusCode.PermissionDenied);
      raw.end();
    }
  });

  test('[SY11.2] fragments that never end are given up, late ones refused', async () => {
    const bed = await bedOf({ config: { fragments: { ...DEFAULTS.fragments, timeoutMs: 30 } } });
    const raw = await member(bed, 'mallory');
    const header = { crdt: CrdtType.Loro, roomId: ROOM, type: MessageType.DocUpdateFragmentHeader };
    const batchId = raw.batchId();
    raw.send({ ...header, batchId, fragmentCount: 2, totalSizeBytes: 300_000 });
    expect(await raw.ackOf(batchId)).toBe(UpdateStatusCode.FragmentTimeout);
    const tooLarge = raw.batchId();
    raw.send({ ...header, batchId: tooLarge, fragmentCount: 60, totalSizeBytes: 10_000_000 });
    expect(await raw.ackOf(tooLarge)).toBe(UpdateStatusCode.PayloadTooLarge);
    const late = raw.batchId();
    const fragment = Uint8Array.of(1);
    raw.send({ ...header, type: MessageType.DocUpdateFragment, batchId: late, index: 0, fragment });
    expect(await raw.ackOf(late)).toBe(UpdateStatusCode.FragmentTimeout);
    raw.end();
  });

  test('[SY11.6] rooms and frames of a socket are bounded, an idle socket is closed', async () => {
    const clock = createShiftingClock(Date.now());
    // What is taken does not come back while this test lasts.
    const frames = { capacity: 20, perSecond: 0.001 };
    const bed = await bedOf({ clock, config: { roomsPerSocket: 2, frames } });
    const raw = await member(bed, 'mallory');
    raw.join('mallory', CrdtType.LoroEphemeralStore);
    raw.join('mallory', CrdtType.LoroEphemeralStorePersisted);
    expect(await raw.next(MessageType.JoinError)).toMatchObject({ message: 'too_many_rooms' });
    const statuses: number[] = [];
    for (let index = 0; index < 30; index++)
      statuses.push(await raw.ackOf(raw.update(anEdit(`k${index}`, 'v'))));
    expect(statuses).toContain(UpdateStatusCode.RateLimited);
    raw.join('mallory');
    expect(await raw.next(MessageType.JoinError)).toMatchObject({ message: 'rate_limited' });
    const idle = await Raw.open(bed);
    clock.shiftTo(clock.now() + DEFAULTS.roomlessMs);
    expect(await idle.whenClosed()).toMatchObject({ code: 1013, reason: 'no_room' });
    for (let index = 0; index < 1_100; index++) raw.send('ping');
    expect(await raw.whenClosed()).toMatchObject({ code: 1013, reason: 'rate_limited' });
  });
});

/** Operations of peer 1001 on which the trapping updates build. */
function groundOfTraps(): Uint8Array {
  const doc = new LoroDoc();
  doc.setPeerId('1001');
  for (let index = 0; index < 4_400; index++) doc.getMap('pipelines').set('ground', index);
  doc.commit();
  return doc.export({ mode: 'update' });
}

/** Two people in a document in which the trapping updates trap, and what was quarantined there. */
async function standOnTraps() {
  const quarantined: unknown[] = [];
  const logger: Logger = {
    ...silentLogger,
    error: (event, fields) => event === 'update_quarantined' && quarantined.push(fields),
  };
  const bed = await bedOf({ logger: { ...logger, child: () => logger } });
  const [alice, bob] = [await join(bed, 'alice'), await join(bed, 'bob')];
  const ground = await member(bed, 'carol');
  expect(await ground.ackOf(ground.update(groundOfTraps()))).toBe(UpdateStatusCode.Ok);
  return { bed, alice, bob, ground, quarantined };
}

/** Updates at which Loro traps, or fails. */
const trapOf = (name: string): Promise<Uint8Array> =>
  Bun.file(`${import.meta.dir}/../testdata/trap-update-${name}.bin`).bytes();

describe('when Loro itself fails', () => {
  test('[SY11.7] an update that traps Loro puts its sender out; the others keep what they had and go on', async () => {
    const { bed, alice, bob, ground, quarantined } = await standOnTraps();
    for (const [index, name] of ['1690', '2855', '3544'].entries()) {
      const trap = await trapOf(name);
      const mallory = await member(bed, 'mallory');
      const batchId = mallory.update(trap);
      expect(await mallory.whenClosed()).toMatchObject({ code: 1008, reason: 'update_harmful' });
      expect(await mallory.ackOf(batchId)).toBe(UpdateStatusCode.InvalidUpdate);
      alice.doc.getMap('scratch').set(`after ${name}`, index);
      alice.doc.commit();
      await converged(alice, bob);
      expect(await ground.ackOf(ground.update(anEdit(`also ${name}`, 'x')))).toBe(UpdateStatusCode.Ok);
    }
    await until(() => quarantined.length === 3);
    expect(quarantined[0]).toMatchObject({ user: 'mallory', doc: 'main', bytes: 381 });
    await bed.restart();
    const fresh = await join(bed, 'dora');
    await converged(alice, bob, fresh);
    expect(Object.keys(fresh.doc.getMap('scratch').toJSON())).toHaveLength(6);
    for (const person of [alice, bob, fresh]) person.leave();
    ground.end();
  });
});

describe('when Loro itself fails at what is handed in over HTTP', () => {
  test('[SY11.14] each trap is kept, counted and refused; who goes on is refused for a while, and nobody else', async () => {
    const { bed, alice, bob, ground, quarantined } = await standOnTraps();
    const traps = await Promise.all(['1690', '2855', '3544'].map(trapOf));
    const [first] = traps;
    if (first === undefined) throw new Error('there are three');
    for (const trap of traps) {
      const answer = await handIn(bed, trap, 'mallory');
      expect([answer.status, await answer.json()]).toMatchObject([
        400,
        { code: 'malformed', detail: expect.stringContaining('cannot be read') },
      ]);
    }
    await until(() => quarantined.length === 3);
    for (const error of ['RuntimeError', 'Decode error'])
      expect(quarantined).toContainEqual(
        expect.objectContaining({ user: 'mallory', doc: 'main', error: expect.stringContaining(error) }),
      );
    // Other hosts took the place of those that trapped.
    const edit = await handIn(bed, anEdit('by Bob', 'x', '4711'), 'bob');
    expect(edit.status).toBe(200);
    await until(() => alice.doc.getMap('scratch').get('by Bob') === 'x');
    const statuses: number[] = [];
    while (!statuses.includes(429) && statuses.length < 10)
      statuses.push((await handIn(bed, first, 'mallory')).status);
    expect(statuses.slice(0, -1).every((status) => status === 400)).toBe(true);
    const refused = await handIn(bed, anEdit('by Mallory', 'x', '4712'), 'mallory');
    expect([refused.status, await refused.json()]).toMatchObject([429, { code: 'rate_limited' }]);
    expect(refused.headers.get('retry-after')).toBe('60');
    expect(await metricOf(bed, 'users_cooled_total')).toBe(1);
    expect(await metricOf(bed, 'rescue_failures_total')).toBe(0);
    expect(await metricOf(bed, 'log_keeping_failures_total')).toBe(0);
    await converged(alice, bob);
    for (const person of [alice, bob]) person.leave();
    ground.end();
  });
});

describe('fuzz', () => {
  test('[SY11.8] 1,000 corrupted frames: an answer or a closed socket each, and nobody else notices', async () => {
    const seed = 20_260_101;
    const prng = createPrng(seed);
    const bed = await bedOf();
    const [alice, bob] = [await join(bed, 'alice'), await join(bed, 'bob')];
    const raws = [await member(bed, 'mallory')];
    for (let round = 0; round < 1_000; round++) {
      const last = raws.at(-1);
      const raw = last === undefined || last.closed !== undefined ? await member(bed, 'mallory') : last;
      if (raw !== last) raws.push(raw);
      raw.send(corruptedFrame(prng));
      await raw.read();
      if (raw.closed !== undefined) expect([1002, 1008]).toContain(raw.closed.code);
      if (round % 100 === 0) {
        alice.doc.getMap('scratch').set('round', round);
        alice.doc.commit();
        await converged(alice, bob);
      }
    }
    // Not everything has an answer in the protocol: a Leave, an Ack.
    const endings = (): number => {
      const heard = raws.flatMap((raw) => raw.heard).filter(({ type }) => type !== MessageType.DocUpdate);
      return heard.length + raws.filter((raw) => raw.closed !== undefined).length;
    };
    await until(() => endings() > 900, { what: 'an answer or an end for nearly every frame' });
    expect((await bed.http('/healthz')).status).toBe(200);
    await converged(alice, bob);
    alice.leave();
    bob.leave();
    for (const raw of raws) raw.end();
  }, 120_000);
});

/** A well-formed frame of some kind, damaged in some way. */
function corruptedFrame(prng: Prng): Uint8Array {
  const address = { crdt: prng.pick([CrdtType.Loro, CrdtType.LoroEphemeralStore]), roomId: ROOM };
  const batchId = `0x${'ab'.repeat(8)}` as const;
  const update = anEdit(`k${prng.below(50)}`, 'value of some length', `${1 + prng.below(20)}`);
  const frames = [
    encode({ ...address, type: MessageType.DocUpdate, updates: [update], batchId }),
    encode({ ...address, type: MessageType.DocUpdate, updates: [damaged(prng, update)], batchId }),
    encode({ ...address, type: MessageType.JoinRequest, auth: utf8('mallory'), version: prng.bytes(6) }),
    encode({
      ...address,
      type: MessageType.DocUpdateFragmentHeader,
      batchId,
      fragmentCount: prng.below(1000),
      totalSizeBytes: prng.below(2 ** 31),
    }),
    encode({
      ...address,
      type: MessageType.DocUpdateFragment,
      batchId,
      index: prng.below(9),
      fragment: update,
    }),
  ] as const;
  const frame = frames[prng.below(frames.length)] ?? frames[0];
  return frame === frames[1] ? frame : damaged(prng, frame);
}

function damaged(prng: Prng, bytes: Uint8Array): Uint8Array {
  const kind = prng.below(4);
  if (kind === 0) return prng.bytes(1 + prng.below(120));
  if (kind === 1) return bytes.slice(0, prng.below(bytes.length));
  if (kind === 2) return Uint8Array.of(...bytes, ...prng.bytes(1 + prng.below(20)));
  const copy = bytes.slice();
  for (let flips = 1 + prng.below(4); flips > 0; flips--) copy[prng.below(copy.length)] = prng.below(256);
  return copy;
}
