// Conflict notices from one person's edit to the other's page: found on the server, told to those concerned, kept until dismissed.
import { expect, test } from 'bun:test';
import { present } from '@hakiri/base/assert';
import { utf8 } from '@hakiri/base/bytes';
import { createPipeline, deletePipeline, setSchedule } from '@hakiri/config-doc/edit';
import { takeOther } from '@hakiri/config-doc/take-other';
import { Notice } from '@hakiri/contracts/notice';
import { hearReconnects } from '@hakiri/testing/reconnects';
import { until } from '@hakiri/testing/until';
import { Value } from '@sinclair/typebox/value';
import { LoroEphemeralAdaptor } from 'loro-adaptors/loro';
import { EphemeralStore, LoroDoc } from 'loro-crdt';
import { LoroWebsocketClient } from 'loro-websocket';
import { type Bed, converged, join, type Person, ROOM } from '../testing/bed.ts';
import { bedsOfTests } from '../testing/in-test.ts';

const bedOf = bedsOfTests();

/** A stock client in the `%EPS` room. */
async function reader(bed: Bed, user: string) {
  const client = new LoroWebsocketClient({
    url: `${bed.url.replace(/^http/, 'ws')}/v1/sync`,
    reconnect: { initialDelayMs: 20, maxDelayMs: 100 },
  });
  hearReconnects(client);
  await client.waitConnected();
  const store = new EphemeralStore(60_000);
  const adaptor = new LoroEphemeralAdaptor(store);
  Object.defineProperty(adaptor, 'crdtType', { value: '%EPS' });
  await client.join({ roomId: ROOM, crdtAdaptor: adaptor, auth: utf8(user) });
  const notices = (): Notice[] =>
    Object.entries(store.getAllStates())
      .filter(([key]) => key.startsWith('notice/'))
      .map(([, value]) => Value.Parse(Notice, value));
  const leave = (): void => {
    client.destroy();
    store.destroy();
  };
  return { store, notices, leave };
}

/** Both edit without knowing of each other, and then meet. */
async function concurrently(
  bed: Bed,
  people: [Person, Person],
  edits: [() => void, () => void],
): Promise<void> {
  await converged(...people);
  // Nothing is sent while nobody is connected.
  for (const [index, edit] of edits.entries()) {
    edit();
    people[index]?.doc.commit();
  }
  await converged(...people);
  await bed.metrics();
}

test('[SY6.10] the same field set by two: both are told who won, who lost, when; one takes the other value', async () => {
  const bed = await bedOf();
  const [alice, bob] = [await join(bed, 'alice'), await join(bed, 'bob')];
  const key = createPipeline(alice.doc, { id: 'gh-issues', schedule: { kind: 'cron', expr: '0 1 * * *' } });
  alice.doc.commit();
  const readers = [await reader(bed, 'alice'), await reader(bed, 'bob'), await reader(bed, 'carol')];
  await concurrently(
    bed,
    [alice, bob],
    [
      () => setSchedule(alice.doc, key, { kind: 'cron', expr: '0 2 * * *' }),
      () => setSchedule(bob.doc, key, { kind: 'cron', expr: '0 3 * * *' }),
    ],
  );
  await until(() => readers[0]?.notices().length === 1 && readers[1]?.notices().length === 1);
  const notice = present(readers[0]?.notices()[0], 'just seen');
  expect(notice).toMatchObject({
    kind: 'same_field',
    field: 'schedule.expr',
    entity: { key, name: 'gh-issues' },
  });
  expect([notice.won.user, notice.lost.user].sort()).toEqual(['alice', 'bob']);
  expect(alice.doc.getMap('pipelines').toJSON()[key].schedule.expr).toBe(notice.won.value);
  expect(readers[2]?.notices()).toEqual([]);

  expect(takeOther(bob.doc, notice)).toBe(true);
  bob.doc.commit();
  await converged(alice, bob);
  expect(alice.doc.getMap('pipelines').toJSON()[key].schedule.expr).toBe(notice.lost.value);

  // Kept over a restart for who comes back, and gone when dismissed.
  for (const one of readers) one.leave();
  await bed.restart();
  const back = await reader(bed, 'alice');
  await until(() => back.notices().length === 1);
  back.store.delete(`notice/${notice.id}`);
  await until(async () => {
    const again = await reader(bed, 'alice');
    const left = again.notices().length;
    again.leave();
    return left === 0;
  });
  await bed.restart();
  const last = await reader(bed, 'alice');
  const bobs = await reader(bed, 'bob');
  await until(() => bobs.notices().length === 1);
  expect(last.notices()).toEqual([]);
  for (const one of [back, last, bobs, alice, bob]) one.leave();
});

test('[SY6.11] an edit of what another deleted: its author is told, and can have it back', async () => {
  const bed = await bedOf();
  const [alice, bob] = [await join(bed, 'alice'), await join(bed, 'bob')];
  const key = createPipeline(alice.doc, { id: 'gh-issues' });
  alice.doc.commit();
  const his = await reader(bed, 'bob');
  await concurrently(
    bed,
    [alice, bob],
    [() => deletePipeline(alice.doc, key), () => setSchedule(bob.doc, key, { kind: 'every', expr: '5m' })],
  );
  await until(() => his.notices().length === 1);
  const notice = present(his.notices()[0], 'just seen');
  expect(notice).toMatchObject({ kind: 'edit_discarded', won: { user: 'alice' }, lost: { user: 'bob' } });
  expect(takeOther(bob.doc, notice)).toBe(true);
  bob.doc.commit();
  await converged(alice, bob);
  expect(alice.doc.getMap('pipelines').toJSON()[key].schedule.expr).toBe('5m');
  for (const one of [his, alice, bob]) one.leave();
});

test('[SY9.5] what a client writes over the schema version is written back', async () => {
  const bed = await bedOf();
  const [alice, bob] = [await join(bed, 'alice'), await join(bed, 'bob')];
  alice.doc.getMap('meta').set('schemaVersion', 4_000);
  alice.doc.commit();
  await until(() => alice.doc.getMap('meta').get('schemaVersion') === 1);
  await converged(alice, bob);
  await bed.restart();
  expect((await bed.http('/v1/docs/main')).status).toBe(200);
  const doc = new LoroDoc();
  doc.import(new Uint8Array(await (await bed.http('/v1/docs/main/bytes')).arrayBuffer()));
  expect(doc.getMap('meta').get('schemaVersion')).toBe(1);
  alice.leave();
  bob.leave();
});
