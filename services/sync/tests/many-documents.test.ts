// Several documents of one team through the whole service: sockets, bus, log and registry.
import { expect, test } from 'bun:test';
import { createPipeline, setText } from '@hakiri/config-doc/edit';
import { readConfig } from '@hakiri/config-doc/read';
import { EditDocument, GetOutline } from '@hakiri/contracts/subjects';
import { MoveResult } from '@hakiri/contracts/sync';
import { until } from '@hakiri/testing/until';
import { TypeCompiler } from '@sinclair/typebox/compiler';
import { CrdtType, MessageType } from 'loro-protocol';
import { type Bed, join, Raw } from '../testing/bed.ts';
import { bedsOfTests } from '../testing/in-test.ts';

const openBed = bedsOfTests();
const MoveReply = TypeCompiler.Compile(MoveResult);
/** Only what is never answered takes as long. */
const SLOW_MS = 45_000;
const ACTOR = { actor: { kind: 'user', id: 'alice' } } as const;

async function http(
  bed: Bed,
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; body: unknown }> {
  const headers = { 'content-type': 'application/json' };
  const response = await bed.http(path, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
}

test('[SY14.5] a group is moved between real documents while somebody edits it, across a restart', async () => {
  const bed = await openBed();
  expect(await http(bed, 'POST', '/v1/docs', { doc: 'eu', title: 'Europe' })).toMatchObject({ status: 201 });
  const alice = await join(bed, 'alice');
  const keys = Array.from({ length: 300 }, (_, index) =>
    createPipeline(alice.doc, { id: `p-${index}`, group: 'g/below' }),
  );
  alice.doc.commit();
  const outline = () =>
    bed.deps.messaging.request(GetOutline, { team: 'default', doc: 'main' }, ACTOR, {}, SLOW_MS);
  const version = () =>
    bed.deps.messaging.request(
      GetOutline,
      { team: 'default', doc: 'main' },
      ACTOR,
      { entries: false },
      SLOW_MS,
    );
  await until(async () => (await outline()).pipelines.length === 300, { what: 'the pipelines to arrive' });
  const move = async (): Promise<MoveResult> => {
    const { status, body } = await http(bed, 'POST', '/v1/docs/main/groups/move', { group: 'g', to: 'eu' });
    expect(status).toBe(200);
    return MoveReply.Decode(body);
  };
  let isMoving = true;
  const moving = move().finally(() => {
    isMoving = false;
  });
  // At the pace of one round trip each, so that no rate is exceeded.
  for (let edit = 1; isMoving; edit++) {
    if (setText(alice.doc, keys[edit % keys.length] ?? '', 'description', `edit ${edit}`)) alice.doc.commit();
    await version();
  }
  await moving;
  await until(async () => (await move()).state === 'done', { what: 'the move to end' });
  await bed.restart();
  const eu = await join(bed, 'bob', undefined, 'default/eu');
  expect(
    readConfig(eu.doc)
      .pipelines.map(({ id }) => id)
      .sort(),
  ).toEqual(keys.map((_, index) => `p-${index}`).sort());
  const { moved = [], pipelines } = await outline();
  expect(pipelines).toEqual([]);
  expect(moved.flatMap((one) => one.pipelines).sort()).toEqual([...keys].sort());
  for (const person of [alice, eu]) person.leave();
});

test('[SY14.4] an archived document takes no edit over the bus, is read, and is taken back', async () => {
  const bed = await openBed();
  await http(bed, 'POST', '/v1/docs', { doc: 'eu' });
  const edit = () =>
    bed.deps.messaging.request(
      EditDocument,
      { team: 'default', doc: 'eu' },
      ACTOR,
      {
        put: [],
        putVariables: [{ key: '01HZ0000000000000000000001', name: 'V', value: '1', comment: '' }],
        delete: [],
        deleteVariables: [],
      },
      SLOW_MS,
    );
  expect(await http(bed, 'PATCH', '/v1/docs/eu', { archived: true })).toMatchObject({ status: 200 });
  expect(await edit()).toMatchObject({ kind: 'refused', code: 'document_archived' });
  expect((await bed.http('/v1/docs/eu')).status).toBe(200);
  expect(await http(bed, 'PATCH', '/v1/docs/eu', { archived: false })).toMatchObject({ status: 200 });
  expect(await edit()).toMatchObject({ kind: 'done', changed: 1 });
});

test('[SY14.4] whoever has it open is told, may not write and goes on reading, until it is taken back', async () => {
  const bed = await openBed();
  await http(bed, 'POST', '/v1/docs', { doc: 'eu' });
  const raw = await Raw.open(bed);
  raw.join('alice', CrdtType.Loro, 'default/eu');
  expect(await raw.next(MessageType.JoinResponseOk)).toMatchObject({ permission: 'write' });
  await http(bed, 'PATCH', '/v1/docs/eu', { archived: true });
  expect(await raw.next(MessageType.RoomError)).toMatchObject({ message: 'permission_changed' });
  const late = await Raw.open(bed);
  late.join('bob', CrdtType.Loro, 'default/eu');
  expect(await late.next(MessageType.JoinResponseOk)).toMatchObject({ permission: 'read' });
  await http(bed, 'PATCH', '/v1/docs/eu', { archived: false });
  expect(await late.next(MessageType.RoomError)).toMatchObject({ message: 'permission_changed' });
  const again = await Raw.open(bed);
  again.join('bob', CrdtType.Loro, 'default/eu');
  expect(await again.next(MessageType.JoinResponseOk)).toMatchObject({ permission: 'write' });
  for (const one of [raw, late, again]) one.end();
});
