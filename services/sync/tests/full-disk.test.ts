// A disk without room: what is there is read, and whoever wants to write is told why, until there is room again.
import { expect, test } from 'bun:test';
import type { RequestMessage } from '@hakiri/contracts/message';
import { EditDocument, GetOutline, GetTouched, Materialize } from '@hakiri/contracts/subjects';
import { type DocumentLog, DocumentLogError } from '@hakiri/substrate/document-log';
import { createShiftingClock } from '@hakiri/testing/shifting-clock';
import { until } from '@hakiri/testing/until';
import type { Static, TSchema } from '@sinclair/typebox';
import { CrdtType, MessageType } from 'loro-protocol';
import { DEFAULTS } from '../config.ts';
import { anEdit, join, Raw, ROOM } from '../testing/bed.ts';
import { bedsOfTests, member } from '../testing/in-test.ts';

const bedOf = bedsOfTests();
const KEY = '01ARZ3NDEKTSV4RRFFQ6000001';
const PASSING = { retryMs: 5, patienceMs: 20 };

function fullLog() {
  const state = { isFull: false, opened: 0 };
  const orFull = (): void => {
    if (state.isFull) throw new DocumentLogError('full', 'there is no room');
  };
  const wrap = (log: DocumentLog): DocumentLog => ({
    read: log.read,
    position: log.position,
    list: log.list,
    compact: log.compact,
    open: async (id) => {
      state.opened += 1;
      // As long as it takes to find out: who joins meanwhile waits in the document.
      await log.read(id);
      orFull();
      return log.open(id);
    },
    append: async (...args) => {
      orFull();
      return log.append(...args);
    },
  });
  return { state, wrap };
}

test('[SY2.16] with a full disk the document is read over HTTP, joins and edits are told storage_full, and room makes it as before', async () => {
  const { state, wrap } = fullLog();
  const clock = createShiftingClock(Date.now());
  const bed = await bedOf({ log: wrap, clock, config: { passing: PASSING } });
  const [alice, reader] = [await member(bed, 'alice'), await join(bed, 'bob')];
  await alice.ackOf(alice.update(anEdit('good', '1')));
  const { headers } = await bed.http('/v1/docs/main');
  state.isFull = true;
  alice.update(anEdit('lost', '2'));
  expect(await alice.whenClosed()).toEqual({ code: 1013, reason: 'storage_full' });
  expect(alice.heard.filter(({ type }) => type === MessageType.Ack)).toHaveLength(1);

  state.opened = 0;
  const read = await bed.http('/v1/docs/main');
  expect([read.status, read.headers.get('etag')]).toEqual([200, headers.get('etag')]);
  const etag = headers.get('etag') ?? '';
  expect((await bed.http('/v1/docs/main', { headers: { 'if-none-match': etag } })).status).toBe(304);
  expect((await bed.http('/v1/docs/main/bytes')).status).toBe(200);
  const first = await Raw.open(bed);
  first.join('carol');
  expect(await first.next(MessageType.JoinError)).toMatchObject({ message: 'storage_full' });
  first.join('carol', CrdtType.Loro, ROOM, Uint8Array.of(1, 2, 3));
  expect(await first.whenClosed()).toEqual({ code: 1013, reason: 'storage_full' });
  // Nobody opened it again meanwhile, however often somebody asked.
  expect(state.opened).toBe(0);
  const metrics = await bed.metrics();
  expect(metrics).toMatch(/^hakiri_sync_documents_full 1$/m);
  expect(metrics).toMatch(/^hakiri_sync_document_stops_total\{reason="storage_full"\} 1$/m);

  clock.shiftTo(clock.now() + DEFAULTS.full.pauseMs);
  // The stock client asks again and again: one opening, which fails, and the next pause.
  await until(() => state.opened > 0);
  expect((await bed.http('/v1/docs/main')).status).toBe(200);
  state.isFull = false;
  clock.shiftTo(clock.now() + DEFAULTS.full.pauseMs);
  const again = await member(bed, 'alice');
  again.update(anEdit('after', '3'));
  await until(() => reader.doc.getMap('scratch').get('after') === '3');
  clock.shiftTo(clock.now() + DEFAULTS.full.rememberMs);
  expect(await bed.metrics()).toMatch(/^hakiri_sync_documents_full 0$/m);
  again.end();
  reader.leave();
});

test('[SY2.16] also whoever joins just as it turns out is told storage_full', async () => {
  const { state, wrap } = fullLog();
  const bed = await bedOf({ log: wrap, config: { passing: { retryMs: 5, patienceMs: 0 } } });
  state.isFull = true;
  const raw = await Raw.open(bed);
  raw.join('carol');
  expect(await raw.next(MessageType.JoinError)).toMatchObject({ message: 'storage_full' });
  raw.end();
});

test('[SY2.16] over the bus it is read from its log, pages at a version and what was touched, too, and an edit is told storage_full', async () => {
  const { state, wrap } = fullLog();
  const bed = await bedOf({ log: wrap });
  const ask = <D extends TSchema, R extends TSchema>(message: RequestMessage<D, R>, data: Static<D>) =>
    bed.deps.messaging.request(
      message,
      { team: 'default', doc: 'main' },
      { actor: { kind: 'user', id: 'alice' } },
      data,
      10_000,
    );
  const edit = { put: [], putVariables: [{ key: KEY, name: 'A', value: '1', comment: '' }] };
  const nothing = { delete: [], deleteVariables: [] };
  expect((await ask(EditDocument, { ...edit, ...nothing })).kind).toBe('done');
  const read = async () => {
    const { version } = await ask(GetOutline, { entries: false });
    return {
      version,
      outline: await ask(GetOutline, {}),
      whole: await ask(Materialize, { scope: { kind: 'all' }, version }),
      touched: await ask(GetTouched, {}),
    };
  };
  const before = await read();
  state.isFull = true;
  const refused = { kind: 'refused', code: 'storage_full' };
  const other = { ...edit, putVariables: [{ key: KEY, name: 'A', value: '2', comment: '' }] };
  // As it turns out, and while it is known.
  for (let time = 0; time < 2; time++)
    expect(await ask(EditDocument, { ...other, ...nothing })).toMatchObject(refused);
  expect(await read()).toEqual(before);
  expect(before.whole).toMatchObject({ kind: 'page', variables: edit.putVariables });
});

test('[SY2.16] what has to be written over HTTP is refused with storage_full', async () => {
  const { state, wrap } = fullLog();
  const bed = await bedOf({ log: wrap });
  state.isFull = true;
  const answer = await bed.http('/v1/docs', {
    method: 'POST',
    body: JSON.stringify({ doc: 'new' }),
    headers: { 'content-type': 'application/json' },
  });
  expect(await answer.json()).toMatchObject({ status: 507, code: 'storage_full' });
});
