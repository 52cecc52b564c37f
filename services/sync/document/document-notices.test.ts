// Notices and revisions between memory and the log: what a crash left untold, what was dismissed while it could not be written,
// what a base replaces.
import { expect, test } from 'bun:test';
import { present } from '@hakiri/base/assert';
import type { Actor } from '@hakiri/contracts/envelope';
import { silentLogger } from '@hakiri/service/logger';
import { createMetrics } from '@hakiri/service/metrics';
import type { DocumentLog } from '@hakiri/substrate/document-log';
import { entriesOf } from '@hakiri/substrate/log-group';
import { createSystemRandom } from '@hakiri/substrate/random';
import { createSimulatedClock } from '@hakiri/testing/simulated-clock';
import { until } from '@hakiri/testing/until';
import { LoroDoc } from 'loro-crdt';
import { DEFAULTS, type SyncConfig } from '../config.ts';
import { HostedDocument } from '../host/hosted-document.ts';
import { createSyncMetrics } from '../metrics.ts';
import { HostPool } from '../pool/host-pool.ts';
import { ScratchHost } from '../pool/scratch-host.ts';
import { encodeEntry, joinEntries } from '../socket/ephemeral-codec.ts';
import type { Peer } from '../socket/peer.ts';
import { aConflict } from '../testing/a-conflict.ts';
import { createLocalHosts } from '../testing/local-host.ts';
import { createMemoryBlobs } from '../testing/memory-blobs.ts';
import { LiveDocument } from './live-document.ts';
import { type AppliedNote, encodeRecord } from './record.ts';

const ID = { team: 'default', doc: 'main' };
const SELF: Actor = { kind: 'service', id: 'sync' };
const QUIET: Peer = { id: 1, send: () => {}, sendCatchUp: () => {} };

function noteOf(number: number): AppliedNote {
  const at = new Date(0).toISOString();
  const file = { label: 'v', file: 'm', digest: 'sha256:00', sizeBytes: 1, publishedAt: at };
  return { ...file, number, author: 'a', message: 'm', doc: 'main', version: 'AA', pipelines: 1 };
}

function open(entries: Uint8Array[], more: Partial<SyncConfig> = {}) {
  const clock = createSimulatedClock();
  const stored = { entries: [...entries], base: undefined as Uint8Array | undefined, from: 0, epoch: 0 };
  const position = (): number => stored.from + stored.entries.length;
  const content = () => ({ base: stored.base?.slice(), entries: [...stored.entries], position: position() });
  const log: DocumentLog = {
    open: async () => {
      stored.epoch += 1;
      return { ...content(), epoch: stored.epoch };
    },
    append: async (_id, _epoch, _position, added) => {
      stored.entries.push(...entriesOf(added));
      return position();
    },
    compact: async (_id, _epoch, at, base) => {
      stored.entries.splice(0, at - stored.from);
      stored.from = at;
      stored.base = base.slice();
    },
    read: async () => content(),
    position: async () => content().position,
    list: async () => ['main'],
  };
  const { start } = createLocalHosts();
  const config = { ...DEFAULTS, ...more };
  const { workerStallMs: stallMs } = config;
  const metrics = createSyncMetrics(createMetrics('sync'));
  const deps = {
    log,
    pool: new HostPool({ start, limits: config, clock, stallMs, size: 1, metrics }),
    scratch: new ScratchHost({ start, limits: config, clock, stallMs, idleMs: 1_000 }),
    blobs: createMemoryBlobs(),
    clock,
    random: createSystemRandom(),
    logger: silentLogger,
    metrics,
    config,
  };
  const live = new LiveDocument(ID, deps, {
    onAwake: () => {},
    onFault: () => {},
    isCooling: () => false,
    onHarmful: () => {},
    onStopped: () => {},
  });
  const reopened = () => HostedDocument.open({ base: stored.base, entries: stored.entries }, DEFAULTS).reply;
  const ready = () => live.query<'version'>({ name: 'version', input: undefined });
  return { live, clock, log, stored, ready, reopened };
}

/** A base may have replaced what was appended before anybody looked. */
const appendedTo = ({ from, entries }: { from: number; entries: Uint8Array[] }): number =>
  from + entries.length;

/** An attempt that fell into something else is made again when the tail has grown. */
async function untilBase(live: LiveDocument, stored: { base: Uint8Array | undefined }): Promise<void> {
  let number = 0;
  await until(async () => {
    number += 1;
    await live.pending.recordApplied(noteOf(number), SELF);
    return stored.base !== undefined;
  });
}

test('[SY6.12] the live document tells what a crash left untold', async () => {
  const { live, clock, ready } = open(aConflict().map(encodeRecord));
  await ready();
  await clock.advance(100);
  await until(() => live.news.notices().length > 0);
  expect(new Set(live.news.notices().map(({ user }) => user))).toEqual(new Set(['alice', 'bob']));
});

test('[SY6.13] a base replaces nothing that was not looked at', async () => {
  const { live, stored, ready, reopened } = open(aConflict().map(encodeRecord), { compactEntries: 3 });
  await ready();
  // The look is 25 ms away, and the clock stands.
  await untilBase(live, stored);
  expect(reopened().notices).toHaveLength(1);
});

/** So many that the document gets a base when it leaves memory. */
function longTail(receivedAtMs: number): Uint8Array[] {
  const doc = new LoroDoc();
  doc.setPeerId('801');
  return Array.from({ length: 40 }, (_, index) => {
    const from = doc.oplogVersion();
    doc.getMap('scratch').set('k', index);
    doc.commit();
    const update = doc.export({ mode: 'update', from });
    return encodeRecord({ actor: SELF, receivedAtMs, kind: 'update', update });
  });
}

/** The log but for the edit that makes it a conflict, and what sends that one. */
async function openBeforeConflict(more: Partial<SyncConfig> = {}) {
  // Lately, so that no history is overdue.
  const atMs = createSimulatedClock().now();
  const [made, first, second] = aConflict(atMs);
  const known = [present(made, 'it is made'), present(first, 'it is edited')].map(encodeRecord);
  const opened = open([...longTail(atMs), ...known], more);
  const { live, clock, ready } = opened;
  await ready();
  await clock.advance(100);
  const identity = { user: 'bob', name: 'Bob' };
  const version = new Uint8Array();
  await new Promise<void>((joined) =>
    live.room.join(
      QUIET,
      { identity, permission: 'write', version, device: undefined, speaks: undefined },
      () => joined(),
    ),
  );
  const edit = (): void => {
    if (second?.kind === 'update') live.room.update(QUIET, [second.update], '0x0000000000000001');
  };
  return { ...opened, edit };
}

for (const [how, leave] of [
  ['falls asleep', (live: LiveDocument) => live.life.sleep()],
  ['is unloaded', (live: LiveDocument) => live.unload()],
] as const)
  test(`[SY6.13] nor does one of a document that ${how} with an update on its way`, async () => {
    const { live, stored, edit, reopened } = await openBeforeConflict();
    edit();
    await leave(live);
    await until(() => stored.base !== undefined);
    expect(reopened().notices).toHaveLength(1);
  });

test('[SY6.13] nor one that is made while somebody edits, though a crash comes before the look', async () => {
  const { live, log, stored, edit, reopened } = await openBeforeConflict({ compactEntries: 50 });
  const { read } = log;
  let isEdited = false;
  log.read = async (id) => {
    const before = appendedTo(stored);
    if (!isEdited) {
      isEdited = true;
      edit();
      await until(() => appendedTo(stored) > before);
    }
    return read(id);
  };
  await untilBase(live, stored);
  expect(isEdited).toBe(true);
  // The clock stands: what is in the log now is all that a crash leaves.
  expect(reopened().notices).toHaveLength(1);
});

test('[SY6.14] a notice dismissed while the document sleeps stays dismissed, in the next base too', async () => {
  const { hosted } = HostedDocument.open(
    { base: undefined, entries: aConflict().map(encodeRecord) },
    DEFAULTS,
  );
  const clockMs = createSimulatedClock().now();
  const notice = present(hosted.look({ atMs: clockMs }).notices[0], 'there is a conflict');
  const told = encodeRecord({
    actor: SELF,
    receivedAtMs: clockMs,
    kind: 'notice',
    note: { users: ['alice'], notice },
  });
  const { live, stored, ready, reopened } = open([...aConflict().map(encodeRecord), told], {
    compactEntries: 5,
  });
  await ready();
  expect(live.news.notices()).toHaveLength(1);
  await live.life.sleep();
  const nothing = new Uint8Array();
  const identity = { user: 'alice', name: 'Alice' };
  live.news.join(
    QUIET,
    { identity, permission: 'write', version: nothing, device: undefined, speaks: undefined },
    () => {},
  );
  const gone = encodeEntry({ key: `notice/${notice.id}`, value: undefined, atMs: 1 });
  live.news.update(QUIET, [joinEntries([gone])], '0x0000000000000001');
  const before = appendedTo(stored);
  await until(() => appendedTo(stored) > before);
  expect(live.news.notices()).toEqual([]);
  await untilBase(live, stored);
  expect(live.news.notices()).toEqual([]);
  expect(reopened().notices.filter(({ users }) => users.includes('alice'))).toEqual([]);
});

test('[SY1.9] the newest revision wins after a restart, in whatever order they were recorded', async () => {
  const { live, ready, reopened } = open([]);
  await ready();
  await Promise.all([7, 2].map((number) => live.pending.recordApplied(noteOf(number), SELF)));
  expect(live.news.applied?.number).toBe(7);
  expect(reopened().applied?.number).toBe(7);
});

test('[SY1.9] a base has the revision whose append is stored and not answered yet', async () => {
  const { live, log, stored, ready, reopened } = open([], { compactEntries: 3 });
  const { append, read } = log;
  const answered = Promise.withResolvers<void>();
  let holds = false;
  log.append = async (...args) => {
    const position = await append(...args);
    if (holds) await answered.promise;
    return position;
  };
  log.read = async (id) => {
    holds = true;
    void live.pending.recordApplied(noteOf(9), SELF);
    const before = appendedTo(stored);
    await until(() => appendedTo(stored) > before);
    queueMicrotask(answered.resolve);
    return read(id);
  };
  await ready();
  await live.pending.recordApplied(noteOf(1), SELF);
  await live.pending.recordApplied(noteOf(2), SELF);
  await until(() => stored.base !== undefined);
  expect(reopened().applied?.number).toBe(9);
});
