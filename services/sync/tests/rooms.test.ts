// The rooms beside the document and who may stay in them, over real sockets.
import { describe, expect, test } from 'bun:test';
import { present } from '@hakiri/base/assert';
import { utf8 } from '@hakiri/base/bytes';
import { ManifestApplied } from '@hakiri/contracts/subjects';
import { createShiftingClock } from '@hakiri/testing/shifting-clock';
import { until } from '@hakiri/testing/until';
import { LoroPersistentStoreAdaptor } from 'loro-adaptors/loro';
import { EphemeralStore } from 'loro-crdt';
import { CrdtType, MessageType, RoomErrorCode, UpdateStatusCode } from 'loro-protocol';
import { DEFAULTS } from '../config.ts';
import { MANIFEST_KEY } from '../room/news-room.ts';
import { decodeEphemeral, encodeEphemeral } from '../socket/ephemeral-codec.ts';
import { anEdit, type Bed, join, type Raw, ROOM } from '../testing/bed.ts';
import { bedsOfTests, member, say } from '../testing/in-test.ts';

const bedOf = bedsOfTests();
/** Enough to join, on any machine: it ends when the clock is put forward. */
const TOKEN_MS = 60_000;

describe('presence', () => {
  test('[SY4.8] stock clients see each other under the server’s identity, and are gone with their socket', async () => {
    const bed = await bedOf();
    bed.guard.roles.set('vera', 'viewer');
    const [alice, vera] = [await join(bed, 'alice'), await join(bed, 'vera')];
    alice.presence.set('a', { focus: 'gh-issues/schedule', name: 'Somebody else' });
    await until(() => vera.presence.get('a') !== undefined);
    expect(vera.presence.get('a')).toEqual({
      focus: 'gh-issues/schedule',
      user: 'alice',
      name: 'Alice',
      activeAt: expect.any(Number),
    });
    vera.presence.set('v', { focus: 'x' });
    await until(() => alice.presence.get('v') !== undefined);
    const late = await join(bed, 'dora');
    await until(() => late.presence.get('a') !== undefined && late.presence.get('v') !== undefined);
    alice.leave();
    await until(() => vera.presence.get('a') === undefined && late.presence.get('a') === undefined);
    vera.leave();
    late.leave();
  });

  test('[SY4.9] another’s key, too much and too often are refused, each with its status', async () => {
    const bed = await bedOf({
      config: { presence: { ...DEFAULTS.presence, rate: { capacity: 14, perSecond: 0.01 } } },
    });
    const alice = await member(bed, 'alice', CrdtType.LoroEphemeralStore);
    const bob = await member(bed, 'bob', CrdtType.LoroEphemeralStore);
    const answerTo = (raw: Raw, update: Uint8Array): Promise<number> =>
      raw.ackOf(raw.update(update, CrdtType.LoroEphemeralStore));
    expect(await answerTo(alice, say('a', 'x'))).toBe(UpdateStatusCode.Ok);
    expect(await answerTo(bob, say('a', 'forged'))).toBe(UpdateStatusCode.PermissionDenied);
    expect(await answerTo(bob, say('a', undefined))).toBe(UpdateStatusCode.PermissionDenied);
    expect(await answerTo(bob, Uint8Array.of(9, 9, 9))).toBe(UpdateStatusCode.InvalidUpdate);
    expect(await answerTo(bob, say('b', 'x'.repeat(20_000)))).toBe(UpdateStatusCode.PayloadTooLarge);
    const many = Array.from({ length: 300 }, (_, index) => ({ key: `${index}`, value: 1, atMs: 1 }));
    expect(await answerTo(bob, encodeEphemeral(many))).toBe(UpdateStatusCode.PayloadTooLarge);
    const statuses: number[] = [];
    for (let index = 0; index < 14; index++) statuses.push(await answerTo(bob, say('b', `${index}`)));
    expect(statuses).toContain(UpdateStatusCode.RateLimited);
    const told = alice.heard.flatMap((message) =>
      message.type === MessageType.DocUpdate
        ? message.updates.flatMap((update) => decodeEphemeral(update))
        : [],
    );
    // Many bytes cost more than few.
    const carol = await member(bed, 'carol', CrdtType.LoroEphemeralStore);
    expect(await answerTo(carol, say('c', 'x'.repeat(10_000)))).toBe(UpdateStatusCode.Ok);
    expect(await answerTo(carol, say('c', 'x'.repeat(10_000)))).toBe(UpdateStatusCode.RateLimited);
    carol.end();
    expect(told.every((entry) => entry?.key === 'b')).toBe(true);
    alice.end();
    bob.end();
  });

  test('[SY4.6] a client that says nothing more is forgotten after the TTL, by a timer', async () => {
    const bed = await bedOf({ config: { presence: { ...DEFAULTS.presence, ttlMs: 60 } } });
    const alice = await member(bed, 'alice', CrdtType.LoroEphemeralStore);
    const bob = await member(bed, 'bob', CrdtType.LoroEphemeralStore);
    alice.update(say('a', 'x'), CrdtType.LoroEphemeralStore);
    const values: unknown[] = [];
    await until(() => {
      for (const message of bob.heard.splice(0))
        if (message.type === MessageType.DocUpdate)
          for (const update of message.updates) values.push(...(decodeEphemeral(update) ?? []));
      return values.length === 2;
    });
    expect(values).toMatchObject([
      { key: 'a', value: { focus: 'x' } },
      { key: 'a', value: undefined },
    ]);
    alice.end();
    bob.end();
  });
});

describe('news', () => {
  const revision = (number: number) => ({
    number,
    sequence: number,
    minor: 0,
    label: `v${number}`,
    file: `manifest@v${number}.toml`,
    digest: 'sha256:00',
    sizeBytes: 10,
    publishedAt: '2026-01-01T00:00:00.000Z',
    author: 'alice',
    message: 'go',
    doc: 'main',
    version: 'AA',
    scope: { kind: 'all' as const },
    pipelines: 2,
    changed: ['gh-issues'],
  });
  const apply = (bed: Bed, number: number): Promise<void> =>
    bed.deps.messaging.enqueue(
      ManifestApplied,
      { team: 'default' },
      { actor: { kind: 'service', id: 'apply' } },
      { doc: 'main', revision: revision(number) },
    );

  test('[SY1.9] the last applied revision reaches a stock client at once, on joining, and after a restart', async () => {
    const bed = await bedOf({ config: { unloadMs: 1 } });
    const alice = await join(bed, 'alice');
    const store = new EphemeralStore(1_000_000);
    const crdtAdaptor = new LoroPersistentStoreAdaptor(store);
    await alice.client.join({ roomId: ROOM, crdtAdaptor, auth: utf8('alice') });
    await apply(bed, 1);
    await apply(bed, 2);
    await until(() => (store.get(MANIFEST_KEY) as { number: number } | undefined)?.number === 2);
    await bed.restart();
    const late = await member(bed, 'bob', CrdtType.LoroEphemeralStorePersisted);
    const { updates } = await late.next(MessageType.DocUpdate);
    expect(decodeEphemeral(present(updates[0], 'the revision'))).toMatchObject([
      { key: MANIFEST_KEY, value: { number: 2, digest: 'sha256:00', author: 'alice' } },
    ]);
    await alice.client.waitConnected();
    alice.leave();
    store.destroy();
    late.end();
  });

  test('[SY1.9] nobody but the server writes them', async () => {
    const bed = await bedOf();
    const raw = await member(bed, 'alice', CrdtType.LoroEphemeralStorePersisted);
    const forged = encodeEphemeral([{ key: MANIFEST_KEY, value: { number: 9 }, atMs: Date.now() }]);
    const crdt = CrdtType.LoroEphemeralStorePersisted;
    expect(await raw.ackOf(raw.update(forged, crdt))).toBe(UpdateStatusCode.PermissionDenied);
    expect(await raw.ackOf(raw.update(encodeEphemeral([]), crdt))).toBe(UpdateStatusCode.Ok);
    raw.end();
  });
});

describe('who may stay', () => {
  test('[SY12.1] a revoked token’s socket is told and closed for good', async () => {
    const bed = await bedOf();
    const [alice, bob] = [await member(bed, 'alice'), await member(bed, 'bob')];
    bed.guard.revoked.add('alice');
    bed.guard.changed();
    expect(await alice.whenClosed()).toEqual({ code: 4401, reason: 'token_revoked' });
    expect(alice.heard.at(-1)).toMatchObject({ code: RoomErrorCode.Evicted, message: 'token_revoked' });
    expect(await bob.ackOf(bob.update(anEdit('a', 'b')))).toBe(UpdateStatusCode.Ok);
    bob.end();
  });

  test('[SY12.2] a demoted editor is told, may write no more at once, and goes on reading', async () => {
    const bed = await bedOf();
    const [alice, bob] = [await member(bed, 'alice'), await member(bed, 'bob')];
    bed.guard.roles.set('alice', 'viewer');
    bed.guard.changed();
    expect(await alice.next(MessageType.RoomError)).toMatchObject({
      code: RoomErrorCode.RejoinSuggested,
      message: 'permission_changed',
    });
    expect(await alice.ackOf(alice.update(anEdit('a', 'no')))).toBe(UpdateStatusCode.PermissionDenied);
    bob.update(anEdit('b', 'yes'));
    await alice.next(MessageType.DocUpdate);
    alice.join('alice');
    expect(await alice.next(MessageType.JoinResponseOk)).toMatchObject({ permission: 'read' });
    bed.guard.roles.set('alice', 'editor');
    bed.guard.changed();
    await alice.next(MessageType.RoomError);
    expect(await alice.ackOf(alice.update(anEdit('c', 'yes')))).toBe(UpdateStatusCode.Ok);
    alice.end();
    bob.end();
  });

  test('[SY12.4] only the rooms of the team that changed ask again', async () => {
    const bed = await bedOf();
    const alice = await member(bed, 'alice');
    bed.guard.revoked.add('alice');
    bed.guard.changed({ team: 'elsewhere' });
    expect(await alice.ackOf(alice.update(anEdit('a', 'b')))).toBe(UpdateStatusCode.Ok);
    bed.guard.changed({ team: 'default' });
    expect(await alice.whenClosed()).toMatchObject({ code: 4401 });
  });

  test('[SY12.3] who is expected back with a fresh token is not put out by a change meanwhile', async () => {
    const clock = createShiftingClock(Date.now());
    const bed = await bedOf({ clock });
    const { guard } = bed;
    guard.expiresAtMs.set('alice', clock.now() + TOKEN_MS);
    const alice = await member(bed, 'alice');
    clock.shiftTo(clock.now() + TOKEN_MS);
    await alice.next(MessageType.RoomError);
    guard.changed();
    await alice.read();
    guard.expiresAtMs.delete('alice');
    alice.join('alice');
    await alice.next(MessageType.JoinResponseOk);
    // Expired just now, and asked before its own timer noticed.
    guard.expiresAtMs.set('alice', clock.now() - 1);
    guard.changed();
    expect(await alice.next(MessageType.RoomError)).toMatchObject({
      code: RoomErrorCode.RejoinSuggested,
      message: 'token_expired',
    });
    guard.expiresAtMs.delete('alice');
    alice.join('alice');
    expect(await alice.ackOf(alice.update(anEdit('a', 'b')))).toBe(UpdateStatusCode.Ok);
    alice.end();
  });

  test('[SY12.3] a token that runs out ends the membership; a fresh one brings it back, with what was sent meanwhile', async () => {
    const clock = createShiftingClock(Date.now());
    const bed = await bedOf({ clock, config: { rejoinMs: 2 * TOKEN_MS } });
    const writer = await member(bed, 'bob');
    const { guard } = bed;
    const soon = (): void => void guard.expiresAtMs.set('alice', clock.now() + TOKEN_MS);
    soon();
    const alice = await member(bed, 'alice');
    clock.shiftTo(clock.now() + TOKEN_MS);
    expect(await alice.next(MessageType.RoomError)).toMatchObject({
      code: RoomErrorCode.RejoinSuggested,
      message: 'token_expired',
    });
    alice.heard.length = 0;
    await writer.ackOf(writer.update(anEdit('unheard', 'x')));
    const between = alice.update(anEdit('between', 'x'));
    await alice.read();
    expect(alice.heard).toEqual([]);
    guard.expiresAtMs.delete('alice');
    alice.join('alice');
    expect(await alice.ackOf(between)).toBe(UpdateStatusCode.Ok);

    soon();
    const dora = await member(bed, 'alice');
    clock.shiftTo(clock.now() + TOKEN_MS);
    await dora.next(MessageType.RoomError);
    const lost = dora.update(anEdit('lost', 'x'));
    await dora.read();
    clock.shiftTo(clock.now() + 2 * TOKEN_MS);
    expect(await dora.next(MessageType.RoomError)).toMatchObject({
      code: RoomErrorCode.Evicted,
      message: 'token_expired',
    });
    expect(await dora.ackOf(lost)).toBe(UpdateStatusCode.PermissionDenied);
    for (const raw of [alice, dora, writer]) raw.end();
  });
});
