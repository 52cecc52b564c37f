// Who changed what: peer ids are somebody's, whatever updates say of themselves; who wrote what and when is the server's word.
import { describe, expect, test } from 'bun:test';
import { utf8 } from '@hakiri/base/bytes';
import { createPipeline, setSchedule } from '@hakiri/config-doc/edit';
import { JoinExtra } from '@hakiri/contracts/join';
import { HistoryPage } from '@hakiri/contracts/notice';
import { until } from '@hakiri/testing/until';
import { Value } from '@sinclair/typebox/value';
import { LoroDoc } from 'loro-crdt';
import { CrdtType, MessageType, RoomErrorCode, UpdateStatusCode } from 'loro-protocol';
import { anEdit, type Bed, Raw, ROOM } from '../testing/bed.ts';
import { bedsOfTests, member } from '../testing/in-test.ts';

const bedOf = bedsOfTests();
const { Ok, PermissionDenied } = UpdateStatusCode;

/** What was made on top of what is there. */
function onTop(doc: LoroDoc, edit: () => void): Uint8Array {
  const from = doc.oplogVersion();
  edit();
  doc.commit();
  return doc.export({ mode: 'update', from });
}

function author(peer: `${number}`): LoroDoc {
  const doc = new LoroDoc();
  doc.setPeerId(peer);
  return doc;
}

const history = async (bed: Bed, query = ''): Promise<HistoryPage> =>
  Value.Parse(HistoryPage, await (await bed.http(`/v1/docs/main/history${query}`)).json());

describe('peer ids', () => {
  test('[SY5.4] nobody writes under the id of another, also after a restart and a compaction', async () => {
    const bed = await bedOf({ config: { compactEntries: 1, unloadMs: 1, sleepMs: 1 } });
    const alice = await member(bed, 'alice');
    expect(await alice.ackOf(alice.update(anEdit('a', '1', '701')))).toBe(Ok);
    alice.end();
    for (const step of ['at once', 'after a restart']) {
      const bob = await member(bed, 'bob');
      const forged = author('701');
      forged.import(anEdit('a', '1', '701'));
      const more = onTop(forged, () => forged.getMap('scratch').set(step, 'forged'));
      expect(await bob.ackOf(bob.update(more))).toBe(PermissionDenied);
      bob.end();
      await bed.restart();
    }
    expect(await bed.metrics()).not.toContain('reason="malformed"');
    const again = await member(bed, 'alice');
    expect(await again.ackOf(again.update(anEdit('a', '1', '701')))).toBe(Ok);
    again.end();
  });

  test('[SY5.2] who writes under an id is known also after the document slept', async () => {
    const bed = await bedOf({ config: { sleepMs: 20 } });
    const [first, second] = [await member(bed, 'alice'), await member(bed, 'alice')];
    const doc = author('701');
    expect(await first.ackOf(first.update(onTop(doc, () => doc.getMap('scratch').set('a', 1))))).toBe(Ok);
    await until(async () => /^hakiri_sync_documents_awake(\{.*\})? 0$/m.test(await bed.metrics()));
    // A copy that went another way: its first operation is not the one that is there.
    const copy = author('701');
    copy.getMap('scratch').set('b', 1);
    copy.commit();
    copy.getMap('scratch').set('c', 1);
    copy.commit();
    const update = copy.export({ mode: 'update' });
    expect(await second.ackOf(second.update(update))).not.toBe(Ok);
    expect(await bed.metrics()).toContain('reason="peer_in_use"');
    expect(await first.ackOf(first.update(onTop(doc, () => doc.getMap('scratch').set('d', 1))))).toBe(Ok);
    first.end();
    await until(async () => (await second.ackOf(second.update(update))) === Ok, {
      what: 'the id to be free',
    });
    second.end();
  });

  test('[SY5.5] who holds what another has not brought yet is told to try again when it came', async () => {
    const bed = await bedOf();
    const [alice, bob] = [await member(bed, 'alice'), await member(bed, 'bob')];
    const hers = author('701');
    expect(await alice.ackOf(alice.update(onTop(hers, () => hers.getMap('scratch').set('a', 1))))).toBe(Ok);
    // As after a crash: Bob has heard of an edit of hers that the server lost.
    const lost = onTop(hers, () => hers.getMap('scratch').set('b', 2));
    const his = author('702');
    his.import(hers.export({ mode: 'update' }));
    his.getMap('scratch').set('c', 3);
    his.commit();
    expect(await bob.ackOf(bob.update(his.export({ mode: 'update' })))).toBe(PermissionDenied);
    expect(await alice.ackOf(alice.update(lost))).toBe(Ok);
    expect(await bob.next(MessageType.RoomError)).toMatchObject({
      code: RoomErrorCode.RejoinSuggested,
      message: 'updates_missing',
    });
    expect(await bob.ackOf(bob.update(his.export({ mode: 'update' })))).toBe(Ok);
    alice.end();
    bob.end();
  });

  test('[SY5.6] an update brings at most one id that is nobody’s: whose the others were nobody could say', async () => {
    const bed = await bedOf();
    const raw = await member(bed, 'alice');
    const doc = author('701');
    doc.import(anEdit('a', '1', '702'));
    doc.getMap('scratch').set('b', 2);
    doc.commit();
    expect(await raw.ackOf(raw.update(doc.export({ mode: 'update' })))).toBe(PermissionDenied);
    raw.end();
  });

  test('[SY5.7] a device is leased ids ahead, and gets them back', async () => {
    const bed = await bedOf();
    const joinAs = async (device: string): Promise<{ raw: Raw; peers: string[] }> => {
      const raw = await Raw.open(bed);
      raw.send({
        type: MessageType.JoinRequest,
        crdt: CrdtType.Loro,
        roomId: ROOM,
        auth: utf8(JSON.stringify({ token: 'alice', device })),
        version: new Uint8Array(),
      });
      const { extra = new Uint8Array() } = await raw.next(MessageType.JoinResponseOk);
      const said = Value.Parse(JoinExtra, JSON.parse(new TextDecoder().decode(extra)));
      return { raw, peers: said.peers };
    };
    const first = await joinAs('laptop-0001');
    const [peer = '0'] = first.peers;
    expect(first.peers).toHaveLength(3);
    const update = anEdit('a', '1', peer as `${number}`);
    expect(await first.raw.ackOf(first.raw.update(update))).toBe(Ok);
    // A second tab gets what the first does not use.
    const tab = await joinAs('laptop-0001');
    expect(tab.peers).not.toContain(peer);
    for (const { raw } of [first, tab]) raw.end();
    await bed.restart();
    const back = await joinAs('laptop-0001');
    expect(back.peers).toEqual(first.peers);
    expect((await joinAs('phone-00001')).peers).not.toContain(peer);
    back.raw.end();
  });
});

describe('history', () => {
  test('[SY5.21] says who changed which pipeline, which field and when; by pipeline, by user, page by page', async () => {
    const bed = await bedOf();
    const [alice, bob] = [await member(bed, 'alice'), await member(bed, 'bob')];
    const hers = author('701');
    let key = '';
    const made = onTop(hers, () => {
      key = createPipeline(hers, { id: 'gh-issues' });
      createPipeline(hers, { id: 'other' });
    });
    const startedAt = new Date().toISOString();
    expect(await alice.ackOf(alice.update(made))).toBe(Ok);
    const his = author('702');
    his.import(made);
    const changed = onTop(his, () => setSchedule(his, key, { kind: 'every', expr: '5m' }));
    expect(await bob.ackOf(bob.update(changed))).toBe(Ok);

    const page = await history(bed, '?pipeline=gh-issues');
    expect(page.entries.map(({ user }) => user)).toEqual(['bob', 'alice']);
    expect(page.entries[0]).toMatchObject({ peer: '702', changes: [{ root: 'pipelines', key }] });
    expect(page.entries[0]?.changes[0]?.fields).toEqual(['schedule.expr', 'schedule.kind']);
    expect((page.entries[0]?.at ?? '') >= startedAt).toBe(true);
    expect((await history(bed, '?pipeline=other')).entries.map(({ user }) => user)).toEqual(['alice']);
    expect((await history(bed, '?user=bob')).entries).toHaveLength(1);
    const first = await history(bed, '?limit=1');
    expect(first.entries).toHaveLength(1);
    expect((await history(bed, `?limit=1&before=${first.next}`)).entries[0]?.user).toBe('alice');
    for (const before of ['nonsense', '0@99', '']) {
      const answer = await bed.http(`/v1/docs/main/history?before=${before}`);
      expect([answer.status, await answer.json()]).toMatchObject([400, { code: 'malformed' }]);
    }
    expect((await fetch(`${bed.url}/v1/docs/main/history`)).status).toBe(401);
    alice.end();
    bob.end();
  });

  test('[SY5.22] it is still known after a restart and a compaction', async () => {
    const bed = await bedOf({ config: { compactEntries: 2 } });
    const alice = await member(bed, 'alice');
    const doc = author('701');
    let key = '';
    expect(await alice.ackOf(alice.update(onTop(doc, () => (key = createPipeline(doc, { id: 'p' })))))).toBe(
      Ok,
    );
    for (const minutes of [1, 2, 3, 4]) {
      const update = onTop(doc, () => setSchedule(doc, key, { kind: 'every', expr: `${minutes}m` }));
      expect(await alice.ackOf(alice.update(update))).toBe(Ok);
    }
    const before = await history(bed, '?pipeline=p');
    alice.end();
    await bed.restart();
    const after = await until(async () => {
      const page = await history(bed, '?pipeline=p');
      return page.entries.length > 0 ? page : undefined;
    });
    expect(after).toEqual(before);
  });
});

describe('what builds on missing operations', () => {
  test('[SY3.12] its sender is sent back once, and again only when something came', async () => {
    const bed = await bedOf();
    const [alice, bob] = [await member(bed, 'alice'), await member(bed, 'bob')];
    const hers = author('701');
    hers.getMap('scratch').set('a', 1);
    hers.commit();
    const his = author('702');
    his.import(hers.export({ mode: 'update' }));
    const dependent = onTop(his, () => his.getMap('scratch').set('b', 2));
    for (const suggestions of [1, 1, 1]) {
      expect(await bob.ackOf(bob.update(dependent))).toBe(UpdateStatusCode.AppError);
      bob.join('bob');
      await bob.next(MessageType.JoinResponseOk);
      expect(bob.heard.filter(({ type }) => type === MessageType.RoomError)).toHaveLength(suggestions);
    }
    expect(await alice.ackOf(alice.update(hers.export({ mode: 'update' })))).toBe(Ok);
    await until(() => bob.heard.filter(({ type }) => type === MessageType.RoomError).length === 2);
    expect(await bob.ackOf(bob.update(dependent))).toBe(Ok);
    alice.end();
    bob.end();
  });
});
