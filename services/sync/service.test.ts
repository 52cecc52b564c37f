// Editing together over real sockets: stock clients converge and catch up, others are turned away, nobody hears an echo.
import { describe, expect, test } from 'bun:test';
import { createPipeline, setText } from '@hakiri/config-doc/edit';
import { readConfig } from '@hakiri/config-doc/read';
import { JoinExtra } from '@hakiri/contracts/join';
import { until } from '@hakiri/testing/until';
import { Value } from '@sinclair/typebox/value';
import { LoroDoc } from 'loro-crdt';
import { CrdtType, JoinErrorCode, MessageType, RoomErrorCode, UpdateStatusCode } from 'loro-protocol';
import { anEdit, type Bed, converged, join, Raw, ROOM } from './testing/bed.ts';
import { bedsOfTests } from './testing/in-test.ts';

const bedOf = bedsOfTests();

describe('joining', () => {
  test('[SY1.1] two stock clients edit one pipeline at once and converge', async () => {
    const bed = await bedOf();
    const alice = await join(bed, 'alice');
    const key = createPipeline(alice.doc, { id: 'gh-issues' });
    alice.doc.commit();
    const bob = await join(bed, 'bob');
    await converged(alice, bob);
    setText(alice.doc, key, 'name', 'Issues');
    setText(bob.doc, key, 'description', 'of every repository');
    alice.doc.commit();
    bob.doc.commit();
    await converged(alice, bob);
    expect(readConfig(bob.doc).pipelines).toMatchObject([
      { id: 'gh-issues', name: 'Issues', description: 'of every repository' },
    ]);
    alice.leave();
    bob.leave();
  });

  test('[SY1.2] a fresh client gets a snapshot, one that returns a delta, one that is current nothing', async () => {
    const bed = await bedOf();
    const alice = await join(bed, 'alice');
    for (let index = 0; index < 200; index++) createPipeline(alice.doc, { id: `p-${index}` });
    alice.doc.commit();
    const bob = await join(bed, 'bob');
    await converged(alice, bob);
    bob.leave();
    setText(alice.doc, readConfig(alice.doc).pipelines[0]?.key ?? '', 'name', 'changed');
    alice.doc.commit();

    const sizeOf = async (version: Uint8Array): Promise<number> => {
      const raw = await Raw.open(bed);
      raw.join('bob', CrdtType.Loro, ROOM, version.slice());
      const { version: served } = await raw.next(MessageType.JoinResponseOk);
      expect(served).toEqual(alice.doc.oplogVersion().encode());
      await raw.handled();
      raw.end();
      return raw.heard
        .flatMap((message) => (message.type === MessageType.DocUpdate ? message.updates : []))
        .reduce((sum, update) => sum + update.length, 0);
    };
    await until(async () => (await sizeOf(alice.doc.oplogVersion().encode())) === 0);
    const [fresh, returning] = [
      await sizeOf(new Uint8Array()),
      await sizeOf(bob.doc.oplogVersion().encode()),
    ];
    expect(fresh).toBeGreaterThan(20_000);
    expect(returning).toBeGreaterThan(0);
    expect(returning).toBeLessThan(1_000);
    alice.leave();
  });

  test('[SY1.3] more than a frame holds travels in fragments, both ways', async () => {
    const bed = await bedOf();
    const alice = await join(bed, 'alice');
    alice.doc.getMap('scratch').set('big', 'x'.repeat(400 * 1024));
    alice.doc.commit();
    const bob = await join(bed, 'bob');
    await converged(alice, bob);
    bob.doc.getMap('scratch').set('again', 'y'.repeat(300 * 1024));
    bob.doc.commit();
    await converged(alice, bob);
    alice.leave();
    bob.leave();
  });

  test('[SY1.4] an offline edit is sent on return, and a restart of the server is survived', async () => {
    const bed = await bedOf();
    const [alice, bob] = [await join(bed, 'alice'), await join(bed, 'bob')];
    await bed.restart();
    alice.doc.getMap('scratch').set('offline', 'alice');
    bob.doc.getMap('scratch').set('offline too', 'bob');
    alice.doc.commit();
    bob.doc.commit();
    await converged(alice, bob);
    expect(alice.doc.getMap('scratch').toJSON()).toEqual({ offline: 'alice', 'offline too': 'bob' });
    alice.leave();
    bob.leave();
  });

  test('[SY1.5] a join is answered with what this server speaks and as whom', async () => {
    const bed = await bedOf();
    const raw = await Raw.open(bed);
    raw.join('alice');
    const { extra, permission } = await raw.next(MessageType.JoinResponseOk);
    const said: unknown = JSON.parse(new TextDecoder().decode(extra));
    expect(Value.Check(JoinExtra, said)).toBe(true);
    expect(said).toMatchObject({ user: 'alice', protocol: [1, 1] });
    expect(permission).toBe('write');
    raw.end();
  });

  test('[SY1.6] nobody joins without a good token, another team, a document that is not there', async () => {
    const bed = await bedOf();
    bed.guard.revoked.add('eve');
    const cases = [
      { token: '', code: JoinErrorCode.AuthFailed, message: 'unauthenticated' },
      { token: 'eve', code: JoinErrorCode.AuthFailed, message: 'token_revoked' },
      { token: 'alice@elsewhere', code: JoinErrorCode.AuthFailed, message: 'denied' },
      { token: 'alice', room: 'default/nowhere', code: JoinErrorCode.AppError, message: 'not_found' },
      { token: 'alice', room: 'no room', code: JoinErrorCode.AppError, message: 'not_found' },
      { token: 'alice', crdt: CrdtType.Yjs, code: JoinErrorCode.AppError, message: 'unsupported_crdt' },
    ];
    for (const { token, room = ROOM, crdt = CrdtType.Loro, code, message } of cases) {
      const raw = await Raw.open(bed);
      raw.join(token, crdt, room);
      expect(await raw.next(MessageType.JoinError)).toMatchObject({ code, message });
      raw.end();
    }
  });

  test('[SY1.7] edits that come before the join is decided wait for it', async () => {
    const bed = await bedOf();
    const raw = await Raw.open(bed);
    raw.join('alice');
    const early = raw.update(anEdit('early', 'yes'));
    expect(await raw.ackOf(early)).toBe(UpdateStatusCode.Ok);
    raw.join('eve@elsewhere');
    const refused = raw.update(anEdit('late', 'no'));
    expect(await raw.ackOf(refused)).toBe(UpdateStatusCode.PermissionDenied);
    raw.end();
  });

  test('[SY1.8] a version that cannot be read is answered so, and the socket may join with none', async () => {
    const bed = await bedOf();
    const raw = await Raw.open(bed);
    raw.join('alice', CrdtType.Loro, ROOM, new Uint8Array([255, 255, 1]));
    expect(await raw.next(MessageType.JoinError)).toMatchObject({ code: JoinErrorCode.VersionUnknown });
    raw.join('alice');
    await raw.next(MessageType.JoinResponseOk);
    raw.end();
  });
});

describe('fan-out', () => {
  test('[SY3.1] everybody else gets the same bytes, the sender gets no echo', async () => {
    const bed = await bedOf();
    const raws = [await Raw.open(bed), await Raw.open(bed), await Raw.open(bed)] as const;
    for (const raw of raws) {
      raw.join('alice');
      await raw.next(MessageType.JoinResponseOk);
    }
    for (const raw of raws) raw.heard.length = 0;
    const update = anEdit('a', '1');
    const [writer, ...readers] = raws;
    await writer.ackOf(writer.update(update));
    for (const reader of readers) {
      const heard = await until(() => reader.heard.find((message) => message.type === MessageType.DocUpdate));
      expect(heard.type === MessageType.DocUpdate && heard.updates).toEqual([update]);
    }
    expect(writer.heard.map((message) => message.type)).toEqual([MessageType.Ack]);
    for (const raw of raws) raw.end();
  });

  test('[SY3.2] an update that builds on what the server lacks is refused with a way back', async () => {
    const bed = await bedOf();
    const raw = await Raw.open(bed);
    raw.join('alice');
    await raw.next(MessageType.JoinResponseOk);
    const doc = new LoroDoc();
    doc.getMap('scratch').set('first', 1);
    doc.commit();
    const between = doc.version();
    doc.getMap('scratch').set('second', 2);
    doc.commit();
    const gap = doc.export({ mode: 'update', from: between });
    expect(await raw.ackOf(raw.update(gap))).toBe(UpdateStatusCode.AppError);
    expect(await raw.next(MessageType.RoomError)).toMatchObject({
      code: RoomErrorCode.RejoinSuggested,
      message: 'updates_missing',
    });
    expect(await raw.ackOf(raw.update(gap))).toBe(UpdateStatusCode.AppError);
    expect(await raw.ackOf(raw.update(doc.export({ mode: 'update' })))).toBe(UpdateStatusCode.Ok);
    expect(await raw.ackOf(raw.update(doc.export({ mode: 'update' })))).toBe(UpdateStatusCode.Ok);
    expect(raw.heard.filter((message) => message.type === MessageType.RoomError)).toHaveLength(1);
    raw.end();
  });
});

test('[SY2.9] sync stops under a stream of edits: what it took is acknowledged and kept, then sockets close with 1012', async () => {
  const bed = await bedOf();
  const raw = await Raw.open(bed);
  raw.join('alice');
  await raw.next(MessageType.JoinResponseOk);
  const keys = new Map<string, string>();
  let isWriting = true;
  const writing = (async () => {
    while (isWriting && raw.closed === undefined) {
      const key = `k${keys.size}`;
      keys.set(raw.update(anEdit(key, 'x')), key);
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  await until(() => keys.size > 20);
  const joiner = await Raw.open(bed);
  const restarted = bed.restart();
  joiner.join('bob');
  await restarted;
  isWriting = false;
  await writing;
  expect((await raw.whenClosed()).code).toBe(1012);
  expect((await joiner.whenClosed()).code).toBe(1012);
  const acknowledged = raw.heard.flatMap((message) =>
    message.type === MessageType.Ack && message.status === UpdateStatusCode.Ok
      ? [keys.get(message.refId) ?? '']
      : [],
  );
  const { doc, leave } = await join(bed, 'bob');
  const kept = Object.keys(doc.getMap('scratch').toJSON());
  expect(kept).toEqual(expect.arrayContaining(acknowledged));
  expect(acknowledged.length).toBeGreaterThan(0);
  // Orderly: nothing was taken and left without its answer.
  expect(kept.length).toBe(acknowledged.length);
  leave();
});

test('[SY8.1] no more documents are in memory than allowed: an idle one makes room, one in use does not', async () => {
  const bed = await bedOf({ config: { documents: 1, passing: { retryMs: 5, patienceMs: 20 } } });
  for (const doc of ['one', 'two']) expect((await create(bed, doc)).status).toBe(201);
  const alice = await join(bed, 'alice');
  expect((await bed.http('/v1/docs/one')).status).toBe(503);
  const raw = await Raw.open(bed);
  raw.join('bob', CrdtType.Loro, 'default/one');
  expect(await raw.next(MessageType.JoinError)).toMatchObject({ message: 'unavailable' });
  raw.end();
  alice.leave();
  await until(async () => (await bed.http('/v1/docs/one')).status === 200);
});

test('[SY8.1] the document longest unheld makes room first, and no team takes the room of all', async () => {
  const bed = await bedOf({ config: { documents: 6 } });
  const opened: string[] = [];
  const { open } = bed.substrate.documents;
  bed.substrate.documents.open = (id) => {
    opened.push(`${id.team}/${id.doc}`);
    return open.call(bed.substrate.documents, id);
  };
  const read = (doc: string, token = 'alice') => bed.http(`/v1/docs/${doc}`, { token });
  // A team's share of six is three.
  for (const doc of ['a', 'b', 'c', 'd']) expect((await create(bed, doc)).status).toBe(201);
  expect((await create(bed, 'x', 'otto@elsewhere')).status).toBe(201);
  opened.length = 0;
  await read('b');
  expect(opened).toEqual([]);
  await read('a');
  // `c` was let go before `d` and `b`, so it went; the other team kept what it had.
  await read('d');
  await read('b');
  await read('x', 'otto@elsewhere');
  expect(opened).toEqual(['default/a']);
  await read('c');
  expect(opened).toEqual(['default/a', 'default/c']);
});

test('[SY14.2] a team has so many documents and no more; of two who create one at once, one has', async () => {
  const bed = await bedOf({ config: { documentsPerTeam: 3 } });
  const answers = await Promise.all([create(bed, 'one'), create(bed, 'one', 'bob')]);
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
  const raced = await Promise.all([create(bed, 'two'), create(bed, 'three')]);
  expect(raced.map(({ status }) => status).sort()).toEqual([201, 409]);
  const over = await create(bed, 'four');
  expect(await over.json()).toMatchObject({ status: 409, code: 'conflict' });
  expect((await create(bed, 'four', 'otto@elsewhere')).status).toBe(201);
});

function create(bed: Bed, doc: string, token = 'alice'): Promise<Response> {
  return bed.http('/v1/docs', {
    method: 'POST',
    token,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ doc }),
  });
}
