// What a connection makes of a server's answers that a whole server gives rarely: leases, compacted history, "please update",
// refusals, notices. The server here is scripted.
import { expect, test } from 'bun:test';
import { readPipeline } from '@hakiri/config-doc/read';
import { HISTORY_COMPACTED, UPDATE_REQUIRED } from '@hakiri/contracts/join';
import { NOTICE_KEY_PREFIX, type Notice } from '@hakiri/contracts/notice';
import { until } from '@hakiri/testing/until';
import { LoroDoc } from 'loro-crdt';
import { UpdateStatusCode } from 'loro-protocol';
import { make, rename, scriptedBed, statusOf } from './testing/scripted-bed.ts';

const bed = scriptedBed();

/** What a server has after it compacted: the same content without its history. */
function compacted(doc: LoroDoc): LoroDoc {
  const fresh = new LoroDoc();
  fresh.import(doc.export({ mode: 'shallow-snapshot', frontiers: doc.oplogFrontiers() }));
  return fresh;
}

test('[SY16.9] a join says which device it is and what it speaks', async () => {
  const server = bed.serve({});
  const store = await bed.newStore();
  await bed.connect(server.url, store);
  const [payload] = server.payloads;
  expect(payload?.token).toBe('a token');
  expect(payload?.device).toBe(await store.device());
  expect(payload?.speaks).toMatchObject({ protocol: [1, 1], loro: [1, 1] });
});

test('[SY16.9] edits are made under a leased peer once nothing is on its way, by one tab each, and offline starts use it again', async () => {
  const server = bed.serve({ peers: ['101', '102'] });
  const store = await bed.newStore();
  const one = await bed.connect(server.url, store);
  await until(() => one.doc.peerIdStr === '101');
  const two = await bed.connect(server.url, store);
  await until(() => two.doc.peerIdStr === '102');
  const key = make(one.doc, 'leased');
  await one.saved();
  make(two.doc, 'leased-too');
  await two.saved();
  expect(server.state.doc.oplogVersion().toJSON().get('101')).toBeGreaterThan(0);
  expect(two.doc.peerIdStr).toBe('102');
  one.close();
  two.close();
  await server.stop();
  const offline = await bed.connect(server.url, store);
  expect(['101', '102']).toContain(offline.doc.peerIdStr);
  rename(offline.doc, key, 'on top of what was there');
  await offline.kept();
  expect(readPipeline(offline.doc, key)?.name).toBe('on top of what was there');
});

test('[SY16.10] work from before the compacted history is handed in, and the document is loaded anew', async () => {
  const handedIn = new LoroDoc();
  const server = bed.serve({
    refuseJoin: () => (isCompacted ? HISTORY_COMPACTED : undefined),
    rescue: (updates) => {
      handedIn.import(before);
      handedIn.import(updates);
      isCompacted = false;
      return { kind: 'rebased', version: 'AA', changed: 1 };
    },
  });
  let isCompacted = false;
  const store = await bed.newStore();
  const connection = await bed.connect(server.url, store);
  const key = make(connection.doc, 'old');
  await connection.saved();
  const before = server.state.doc.export({ mode: 'snapshot' });
  isCompacted = true;
  server.state.script.answer = () => undefined;
  rename(connection.doc, key, 'unsent');
  const replaced = new Promise<LoroDoc>((resolve) => {
    connection.onReplaced(resolve);
  });
  server.state.doc = compacted(server.state.doc);
  server.drop();
  const fresh = await replaced;
  server.state.script.answer = () => UpdateStatusCode.Ok;
  expect(readPipeline(handedIn, key)?.name).toBe('unsent');
  expect(connection.doc).toBe(fresh);
  await connection.saved();
  rename(connection.doc, key, 'goes on');
  await connection.saved();
  expect(readPipeline(server.state.doc, key)?.name).toBe('goes on');
  connection.close();
  const reloaded = await bed.connect(server.url, store);
  expect(readPipeline(reloaded.doc, key)?.name).toBe('goes on');
});

test('[SY16.10] until the server has answered for it, the replica stays', async () => {
  const server = bed.serve({});
  const store = await bed.newStore();
  const first = await bed.connect(server.url, store);
  const key = make(first.doc, 'held');
  await first.saved();
  server.state.script.answer = () => undefined;
  rename(first.doc, key, 'unsent');
  await first.kept();
  const asked = new Promise<void>((resolve) => {
    server.state.script = { refuseJoin: () => HISTORY_COMPACTED, rescue: () => void resolve() };
  });
  server.drop();
  await asked;
  first.close();
  const second = await bed.connect(server.url, store);
  expect(second.status()).toMatchObject({ kind: 'offline', kept: true });
  expect(readPipeline(second.doc, key)?.name).toBe('unsent');
});

test('[SY16.10] what is too old to merge is shown field by field, outlives a reload, and is taken or dropped', async () => {
  const server = bed.serve({});
  const store = await bed.newStore();
  const connection = await bed.connect(server.url, store);
  const key = make(connection.doc, 'ancient');
  await connection.saved();
  server.state.script.answer = () => undefined;
  rename(connection.doc, key, 'mine');
  await connection.kept();
  let isOld = true;
  server.state.script = {
    refuseJoin: () => (isOld ? HISTORY_COMPACTED : undefined),
    rescue: () => {
      isOld = false;
      return { kind: 'too_old' };
    },
  };
  server.state.doc = compacted(server.state.doc);
  server.drop();
  const status = await statusOf(connection, ({ kind }) => kind === 'needs_review');
  const patch = status.kind === 'needs_review' ? status.patch : [];
  expect(patch).toEqual([
    { root: 'pipelines', key, name: 'ancient', path: ['name'], before: 'ancient', mine: 'mine' },
  ]);
  expect(readPipeline(connection.doc, key)?.name).toBe('ancient');
  await connection.kept();
  connection.close();
  const reloaded = await bed.connect(server.url, store);
  expect(reloaded.status().kind).toBe('needs_review');
  expect(reloaded.applyPatch()).toBe(1);
  await reloaded.saved();
  expect(readPipeline(server.state.doc, key)?.name).toBe('mine');
  expect(reloaded.status()).toEqual({ kind: 'saved' });
});

test('[SY16.11] a client that is too old is told to update, and keeps what it has', async () => {
  const server = bed.serve({});
  const store = await bed.newStore();
  const before = await bed.connect(server.url, store);
  const key = make(before.doc, 'kept');
  await before.saved();
  before.close();
  server.state.script = { refuseJoin: () => UPDATE_REQUIRED };
  const outdated = await bed.connect(server.url, store);
  await statusOf(outdated, ({ kind }) => kind === 'update_required');
  expect(outdated.status()).toMatchObject({ kept: true });
  expect(readPipeline(outdated.doc, key)?.name).toBe('kept');
});

test('[SY16.11] an edit that is refused for good is said with its code, and sent again by the next connection', async () => {
  const server = bed.serve({ answer: () => UpdateStatusCode.InvalidUpdate });
  const store = await bed.newStore();
  const connection = await bed.connect(server.url, store);
  const key = make(connection.doc, 'refused');
  await statusOf(connection, ({ kind }) => kind === 'refused');
  expect(connection.status()).toMatchObject({ code: 'invalid_update', kept: true });
  connection.close();
  server.state.script = {};
  const next = await bed.connect(server.url, store);
  await next.saved();
  expect(readPipeline(server.state.doc, key)?.name).toBe('refused');
});

test('[SY16.11] who is denied although the role allows it is refused and does not ask for ever', async () => {
  const server = bed.serve({ answer: () => UpdateStatusCode.PermissionDenied });
  const connection = await bed.connect(server.url);
  make(connection.doc, 'denied');
  await statusOf(connection, ({ kind }) => kind === 'refused');
  expect(server.payloads.length).toBe(2);
});

test('[SY16.12] notices come to the people concerned, are dismissed, and the other value can be taken', async () => {
  const server = bed.serve({});
  const connection = await bed.connect(server.url);
  const key = make(connection.doc, 'contested');
  await connection.saved();
  const at = new Date(0).toISOString();
  const enabled = readPipeline(connection.doc, key)?.enabled === true;
  const notice = {
    id: 'n1',
    kind: 'same_field',
    at,
    entity: { root: 'pipelines', key },
    field: 'enabled',
    won: { user: 'ada', at, peer: '1', counter: 0, value: enabled },
    lost: { user: 'bob', at, peer: '2', counter: 0, value: !enabled },
    take: { kind: 'set', path: ['pipelines', key], key: 'enabled', value: !enabled },
  } satisfies Notice;
  server.news.set(`${NOTICE_KEY_PREFIX}n1`, { ...notice });
  const notices = connection.notices();
  const heard = await new Promise<Notice[]>((resolve) => {
    notices.onNotices((list) => list.length > 0 && resolve(list));
  });
  expect(heard.map(({ id }) => id)).toEqual(['n1']);
  expect(notices.take(notice)).toBe(true);
  await connection.saved();
  expect(readPipeline(server.state.doc, key)?.enabled).toBe(!enabled);
  expect(notices.list()).toEqual([]);
  await until(() => server.news.get(`${NOTICE_KEY_PREFIX}n1`) === undefined);
});

test('[SY16.13] a replica that cannot be read is left alone, and editing goes on without one', async () => {
  const server = bed.serve({});
  const store = await bed.newStore();
  const log = await store.open({ user: 'ada', room: 'default/main' });
  await log.append([{ kind: 'remote', bytes: new Uint8Array([1, 2, 3]) }]);
  const connection = await bed.connect(server.url, store);
  const key = make(connection.doc, 'all the same');
  await connection.saved();
  expect(readPipeline(server.state.doc, key)?.name).toBe('all the same');
  expect((await log.read()).entries.length).toBe(1);
  server.state.script.answer = () => undefined;
  make(connection.doc, 'unsent');
  server.state.script.refuseJoin = () => 'unavailable';
  server.drop();
  expect(await statusOf(connection, ({ kind }) => kind === 'offline')).toMatchObject({ kept: false });
});
