// What an operator sees and what repeat offenders meet, at a real server: every figure of /metrics is provoked and read.
import { describe, expect, test } from 'bun:test';
import { until } from '@hakiri/testing/until';
import { LoroDoc } from 'loro-crdt';
import { CrdtType, MessageType, UpdateStatusCode } from 'loro-protocol';
import { DEFAULTS } from '../config.ts';
import { anEdit, type Bed, Raw } from '../testing/bed.ts';
import { bedsOfTests, member } from '../testing/in-test.ts';

const bedOf = bedsOfTests();

/** The sum over all series that fit. */
async function metric(bed: Bed, name: string): Promise<number> {
  const lines = (await bed.metrics()).split('\n').filter((line) => line.startsWith(`hakiri_sync_${name}`));
  expect([name, lines.length > 0]).toEqual([name, true]);
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

/** An update whose beginning nobody has. */
function dependent(peer: `${number}`): Uint8Array {
  const doc = new LoroDoc();
  doc.import(anEdit('lacking', peer, `${Number(peer) + 900}`));
  doc.setPeerId(peer);
  const from = doc.oplogVersion();
  doc.getMap('scratch').set('dependent', peer);
  doc.commit();
  return doc.export({ mode: 'update', from });
}

describe('somebody who makes a document load again and again', () => {
  test('[SY11.12] is refused after a few times, also when joining anew, goes on reading, and disturbs nobody else', async () => {
    const faults = { ...DEFAULTS.faults, user: { capacity: 2, perSecond: 0 } };
    const bed = await bedOf({ config: { pending: { bytes: 1, counters: 1_000 }, faults } });
    const [mallory, alice] = [await member(bed, 'mallory'), await member(bed, 'alice')];
    for (const peer of ['11', '12', '13'] as const)
      expect(await mallory.ackOf(mallory.update(dependent(peer)))).toBe(UpdateStatusCode.AppError);
    expect(await mallory.ackOf(mallory.update(anEdit('m', '1')))).toBe(UpdateStatusCode.RateLimited);
    expect(await alice.ackOf(alice.update(anEdit('a', '1')))).toBe(UpdateStatusCode.Ok);
    await mallory.next(MessageType.DocUpdate);
    const again = await Raw.open(bed);
    again.join('mallory');
    expect(await again.next(MessageType.JoinError)).toMatchObject({ message: 'rate_limited' });
    again.join('mallory', CrdtType.LoroEphemeralStore);
    await again.next(MessageType.JoinResponseOk, CrdtType.LoroEphemeralStore);
    expect(await metric(bed, 'users_cooled_total')).toBe(1);
    expect(await metric(bed, 'refusals_total{reason="cooling"}')).toBe(1);
    expect(await metric(bed, 'join_refusals_total{code="rate_limited"}')).toBe(1);
    for (const raw of [mallory, alice, again]) raw.end();
  });
});

describe('/metrics', () => {
  test('[SY11.13] says who is here, what waits, what was refused, and what sleeps', async () => {
    const bed = await bedOf({ config: { sleepMs: 100 } });
    const [alice, bob] = [await member(bed, 'alice'), await member(bed, 'bob')];
    bed.guard.roles.set('vera', 'viewer');
    const vera = await member(bed, 'vera');
    for (let edit = 0; edit < 3; edit++)
      expect(await alice.ackOf(alice.update(anEdit(`k${edit}`, 'v')))).toBe(UpdateStatusCode.Ok);
    await vera.ackOf(vera.update(anEdit('v', 'v')));
    const stranger = await Raw.open(bed);
    stranger.join('alice', CrdtType.Loro, 'default/nowhere');
    await stranger.next(MessageType.JoinError);
    expect(await metric(bed, 'sockets')).toBe(4);
    expect(await metric(bed, 'members')).toBe(3);
    expect(await metric(bed, 'rooms')).toBe(1);
    expect(await metric(bed, 'documents ')).toBe(1);
    expect(await metric(bed, 'edits_total')).toBe(3);
    expect(await metric(bed, 'ack_latency_seconds_count')).toBe(3);
    expect(await metric(bed, 'commit_entries_total')).toBeGreaterThan(3);
    expect(await metric(bed, 'commit_groups_total')).toBeLessThanOrEqual(
      await metric(bed, 'commit_entries_total'),
    );
    expect(await metric(bed, 'joins_total{kind="snapshot"}')).toBe(3);
    expect(await metric(bed, 'join_refusals_total{code="not_found"}')).toBe(1);
    expect(await metric(bed, 'refusals_total{reason="permission_denied"}')).toBe(1);
    expect(await metric(bed, 'bytes_total{direction="in"}')).toBeGreaterThan(200);
    expect(await metric(bed, 'bytes_total{direction="out"}')).toBeGreaterThan(200);
    expect(await metric(bed, 'worker_memory_bytes{')).toBeGreaterThan(1_000_000);
    expect(await metric(bed, 'workers ')).toBe(1);
    // What was edited is looked at now and then.
    await until(async () => (await metric(bed, 'queue_depth')) === 0);
    for (const nothing of ['log_backlog_bytes', 'workers_lost_total', 'quarantined_total'])
      expect([nothing, await metric(bed, nothing)]).toEqual([nothing, 0]);
    await until(async () => (await metric(bed, 'documents_asleep')) === 1);
    expect(await metric(bed, 'documents_awake')).toBe(0);
    await until(async () => (await metric(bed, 'sleeps_total')) > 0, { what: 'it has gone to sleep' });
    stranger.send(Uint8Array.of(1, 2, 3));
    await stranger.whenClosed();
    expect(await metric(bed, 'cut_offs_total{reason="malformed_frame"}')).toBe(1);
    for (const raw of [alice, bob, vera]) raw.end();
    await until(async () => (await metric(bed, 'sockets')) === 0);
    expect(await metric(bed, 'members')).toBe(0);
  });

  test('[SY11.13] counts what trapped, and what is kept of it is where the log says', async () => {
    const bed = await bedOf();
    const carol = await member(bed, 'carol');
    const doc = new LoroDoc();
    doc.setPeerId('1001');
    for (let index = 0; index < 4_400; index++) doc.getMap('pipelines').set('ground', index);
    doc.commit();
    expect(await carol.ackOf(carol.update(doc.export({ mode: 'update' })))).toBe(UpdateStatusCode.Ok);
    const trap = await Bun.file(`${import.meta.dir}/../testdata/trap-update-1690.bin`).bytes();
    const mallory = await member(bed, 'mallory');
    mallory.update(trap);
    expect(await mallory.whenClosed()).toMatchObject({ code: 1008 });
    await until(async () => (await metric(bed, 'quarantined_total')) === 1);
    const kept = await until(async () => {
      const keys = await bed.substrate.blobs.list('sync/default/main/quarantine/');
      return keys.length === 2 ? keys : undefined;
    });
    expect((await bed.substrate.blobs.get(kept[0] ?? ''))?.bytes).toEqual(trap);
    expect(await metric(bed, 'cut_offs_total{reason="update_harmful"}')).toBe(1);
    carol.end();
  });

  test('[SY11.13] has every figure that docs/operate.md names', async () => {
    const bed = await bedOf();
    const raw = await member(bed, 'alice');
    const said = await bed.metrics();
    const text = await Bun.file(new URL('../../../docs/operate.md', import.meta.url)).text();
    const names = [...new Set(text.match(/hakiri_sync_[a-z_]*[a-z]/g) ?? [])];
    expect(names.length).toBeGreaterThan(10);
    expect(names.filter((name) => !said.includes(name))).toEqual([]);
    raw.end();
  });
});
