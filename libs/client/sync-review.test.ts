// What a connection makes of edits that the server will not take as they are: those that build on what somebody else never sent,
// and work from before the compacted history that is refused. The server here is scripted.
import { expect, test } from 'bun:test';
import { readPipeline } from '@hakiri/config-doc/read';
import { HISTORY_COMPACTED } from '@hakiri/contracts/join';
import { type ProblemCode, problem } from '@hakiri/contracts/problem';
import { LoroDoc } from 'loro-crdt';
import { UpdateStatusCode } from 'loro-protocol';
import type { ReplicaStore } from './replica-store.ts';
import type { DocumentConnection, SyncStatus } from './sync.ts';
import { make, rename, scriptedBed, statusOf } from './testing/scripted-bed.ts';
import type { Script } from './testing/scripted-server.ts';

const bed = scriptedBed();
const connect = (url: string, store: ReplicaStore): Promise<DocumentConnection> =>
  bed.connect(url, store, { blockedAfterMs: 0 });
const until = (connection: DocumentConnection, kind: SyncStatus['kind']): Promise<SyncStatus> =>
  statusOf(connection, (status) => status.kind === kind);

const copyOf = (doc: LoroDoc): LoroDoc => {
  const copy = new LoroDoc();
  copy.import(doc.export({ mode: 'snapshot' }));
  return copy;
};
const patchOf = (status: SyncStatus) => (status.kind === 'needs_review' ? status.patch : []);
const refusal = (code: ProblemCode, headers: Record<string, string> = {}): Response => {
  const body = problem(code, 'as the test wants it');
  return Response.json(body, { status: body.status, headers });
};

/** Bob's edit was told to ada and lost in a crash; ada went on, on top of it. Bob still has it. */
async function onTopOfWhatWasLost() {
  const server = bed.serve({});
  const store = await bed.newStore();
  const ada = await connect(server.url, store);
  const key = make(ada.doc, 'shared');
  await ada.saved();
  const durable = copyOf(server.state.doc);
  const other = make(server.state.doc, 'bobs');
  const bob = copyOf(server.state.doc);
  server.drop();
  await new Promise<void>((resolve) => {
    const stop = ada.doc.subscribe(() => {
      if (readPipeline(ada.doc, other) === undefined) return;
      stop();
      resolve();
    });
    if (readPipeline(ada.doc, other) !== undefined) resolve();
  });
  await until(ada, 'saved');
  server.state.doc = durable;
  server.state.script.answer = (update) =>
    copyOf(server.state.doc).import(update).pending === null
      ? UpdateStatusCode.Ok
      : UpdateStatusCode.AppError;
  rename(ada.doc, key, 'mine');
  return { server, store, ada, bob, key, other };
}

test('[SY16.16] edits on top of what somebody else never brought are said to be blocked, and leave when it comes', async () => {
  const { server, ada, bob, key } = await onTopOfWhatWasLost();
  expect(await until(ada, 'blocked')).toMatchObject({ kept: true });
  server.state.doc.import(bob.export({ mode: 'update' }));
  await ada.saved();
  expect(readPipeline(server.state.doc, key)?.name).toBe('mine');
});

test('[SY16.16] who does not wait gets them as a patch that tells the own from the others', async () => {
  const { server, store, ada, key, other } = await onTopOfWhatWasLost();
  await until(ada, 'blocked');
  await ada.review();
  const patch = patchOf(ada.status());
  expect(patch.map((change) => [change.key, change.path, change.isOthers === true])).toEqual([
    [key, ['name'], false],
    [other, [], true],
  ]);
  expect(ada.applyPatch(patch.filter(({ isOthers }) => isOthers !== true))).toBe(1);
  expect(patchOf(ada.status()).map((change) => change.key)).toEqual([other]);
  await ada.saved();
  expect(readPipeline(server.state.doc, key)?.name).toBe('mine');
  expect(readPipeline(server.state.doc, other)).toBeUndefined();
  await ada.kept();
  ada.close();
  const reloaded = await connect(server.url, store);
  expect(patchOf(reloaded.status()).map((change) => change.key)).toEqual([other]);
});

test('[SY16.16] an edit that is refused for good becomes a patch, and the document goes on', async () => {
  const server = bed.serve({});
  const ada = await connect(server.url, await bed.newStore());
  const key = make(ada.doc, 'there');
  await ada.saved();
  server.state.script.answer = () => UpdateStatusCode.PermissionDenied;
  rename(ada.doc, key, 'refused');
  await until(ada, 'refused');
  server.state.script = {};
  await ada.review();
  expect(patchOf(ada.status())).toMatchObject([{ key, before: 'there', mine: 'refused' }]);
  expect(ada.applyPatch()).toBe(1);
  await ada.saved();
  expect(readPipeline(server.state.doc, key)?.name).toBe('refused');
});

test('[SY16.16] asked for twice, a review is one', async () => {
  const server = bed.serve({});
  const ada = await connect(server.url, await bed.newStore());
  const key = make(ada.doc, 'there');
  await ada.saved();
  server.state.script.answer = () => UpdateStatusCode.PermissionDenied;
  rename(ada.doc, key, 'refused');
  await until(ada, 'refused');
  server.state.script = {};
  const joins = server.payloads.length;
  await Promise.all([ada.review(), ada.review()]);
  expect(patchOf(ada.status())).toMatchObject([{ key, before: 'there', mine: 'refused' }]);
  expect(ada.applyPatch()).toBe(1);
  await ada.saved();
  // The second life would have joined as well.
  expect(server.payloads).toHaveLength(joins + 1);
});

/** Ada has an unsent edit from before the history that the server keeps. */
async function withOldWork(rescue: NonNullable<Script['rescue']>) {
  const server = bed.serve({});
  const store = await bed.newStore();
  const ada = await connect(server.url, store);
  const key = make(ada.doc, 'old');
  await ada.saved();
  server.state.script.answer = () => undefined;
  rename(ada.doc, key, 'mine');
  await ada.kept();
  const shallow = new LoroDoc();
  const { doc } = server.state;
  shallow.import(doc.export({ mode: 'shallow-snapshot', frontiers: doc.oplogFrontiers() }));
  server.state.doc = shallow;
  // A document that was loaded anew has nothing that is older than that.
  server.state.script = { refuseJoin: () => (ada.doc === before ? HISTORY_COMPACTED : undefined), rescue };
  const before = ada.doc;
  server.drop();
  return { server, store, ada, key };
}

for (const code of ['malformed', 'too_large', 'conflict'] as const)
  test(`[SY16.17] old work that is ${code} and never taken becomes a patch`, async () => {
    const { server, ada, key } = await withOldWork(() => refusal(code));
    expect(patchOf(await until(ada, 'needs_review'))).toMatchObject([{ key, mine: 'mine' }]);
    expect(ada.applyPatch()).toBe(1);
    await ada.saved();
    expect(readPipeline(server.state.doc, key)?.name).toBe('mine');
  });

for (const code of ['token_expired', 'token_revoked', 'denied', 'document_archived', 'not_found'] as const)
  test(`[SY16.17] who may not hand in now, ${code}, is told so and keeps the work`, async () => {
    const { ada, key } = await withOldWork(() => refusal(code));
    expect(await until(ada, 'refused')).toMatchObject({ code, unsaved: expect.any(Number), kept: true });
    expect(readPipeline(ada.doc, key)?.name).toBe('mine');
  });

for (const code of ['rate_limited', 'unavailable'] as const)
  test(`[SY16.17] old work that comes too early, ${code}, is handed in again when the server said`, async () => {
    const askedMs: number[] = [];
    const { ada } = await withOldWork(() => {
      askedMs.push(performance.now());
      return askedMs.length === 1
        ? refusal(code, { 'retry-after': '2' })
        : { kind: 'rebased', version: 'AA', changed: 1 };
    });
    await ada.saved();
    const [first = 0, second = 0] = askedMs;
    expect(askedMs.length).toBe(2);
    // Without the header it would be asked again within 400 ms.
    expect(second - first).toBeGreaterThan(1_900);
  });

test('[SY16.17] a document that was itself loaded from a compacted one can be compared', async () => {
  const server = bed.serve({});
  const key = make(server.state.doc, 'ancient');
  const shallow = (): LoroDoc => {
    const { doc } = server.state;
    const made = new LoroDoc();
    made.import(doc.export({ mode: 'shallow-snapshot', frontiers: doc.oplogFrontiers() }));
    return made;
  };
  server.state.doc = shallow();
  const ada = await connect(server.url, await bed.newStore());
  server.state.script.answer = () => undefined;
  rename(ada.doc, key, 'mine');
  await ada.kept();
  const before = ada.doc;
  server.state.script = {
    refuseJoin: () => (ada.doc === before ? HISTORY_COMPACTED : undefined),
    rescue: () => ({ kind: 'too_old' }),
  };
  server.drop();
  expect(patchOf(await until(ada, 'needs_review'))).toMatchObject([{ key, before: 'ancient', mine: 'mine' }]);
});
