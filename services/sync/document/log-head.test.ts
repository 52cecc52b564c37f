// What of a log answers a join, and what only Loro can say; whose ids it leases.
import { expect, test } from 'bun:test';
import { SCHEMA_VERSION, SCHEMA_VERSION_FIELD } from '@hakiri/config-doc/shape';
import type { LoroDoc } from 'loro-crdt';
import { COLD_BASE_BYTES } from '../host/cold-base.ts';
import type { Input, JoinReply } from '../host/protocol.ts';
import { aLog } from '../testing/a-log.ts';
import { LogHead } from './log-head.ts';
import { encodeRecord, type LeaseNote } from './record.ts';

const CAROL = { kind: 'user', id: 'carol' } as const;
const FRESH = ['81', '82', '83'] as const;

/** Of who has what the base has. */
function joined(head: LogHead, more: Partial<Input<'join'>> = {}) {
  const { version = new Uint8Array() } = head.snapshot() ?? {};
  const who = { user: 'alice', connection: 1, atMs: 0, device: undefined, speaks: undefined };
  const input = { ...who, version, isFresh: true, isEditor: false, ...more };
  // A join is answered as one.
  return head.answer({ kind: 'join', input }) as JoinReply | undefined;
}

/** The ids that this device of alice's is told. */
function peersOf(head: LogHead, connection = 1, id = 'laptop-12'): string[] | undefined {
  const reply = joined(head, { connection, device: { id, fresh: FRESH } });
  return reply?.kind === 'joined' ? reply.peers : undefined;
}

/** Somebody's next edit, behind the base and its tail. */
function anUpdate(doc: LoroDoc, edit: () => void): Uint8Array {
  const before = doc.oplogVersion();
  edit();
  doc.commit();
  const update = doc.export({ mode: 'update', from: before });
  return encodeRecord({ kind: 'update', actor: CAROL, receivedAtMs: 1, update });
}

const leases = (count: number): LeaseNote[] =>
  Array.from({ length: count }, (_, index) => ({ peer: `${index}` as const, user: 'alice' }));

test('[SY8.8] nobody is answered from a base of another schema or format, or whose tail is long', () => {
  const { base, entries } = aLog();
  const answer = (log: Input<'open'>) => joined(new LogHead(log));
  expect(answer({ base, entries })).toMatchObject({ kind: 'joined' });
  expect(answer({ base: aLog({ schema: SCHEMA_VERSION + 1 }).base, entries })).toBeUndefined();
  const headless = Uint8Array.of(3, 0, 0, 0, 2, 123, 125, 9);
  expect(answer({ base: headless, entries })).toBeUndefined();
  expect(answer({ base: undefined, entries })).toBeUndefined();
  expect(answer({ base, entries: Array(1_000).fill(entries[0]) })).toBeUndefined();
});

test('[SY8.8] what cannot be read answers nobody: the host says what it is', () => {
  const { base, entries } = aLog();
  const ofNewerCode = new LogHead({ base: Uint8Array.of(99), entries });
  expect([ofNewerCode.snapshot(), joined(ofNewerCode)]).toEqual([undefined, undefined]);
  expect(joined(new LogHead({ base, entries: [Uint8Array.of(99)] }))).toBeUndefined();
});

test('[SY8.8] nobody is answered from a long head, a tail of many bytes, and no editor of a large document', () => {
  const { doc, base } = aLog();
  const answer = (log: Input<'open'>, isEditor = false) => joined(new LogHead(log), { isEditor });
  expect(answer({ base, entries: [] }, true)).toMatchObject({ kind: 'joined' });

  expect(answer({ base: aLog({ leases: leases(1_000) }).base, entries: [] })).toMatchObject({
    kind: 'joined',
  });
  expect(answer({ base: aLog({ leases: leases(1_001) }).base, entries: [] })).toBeUndefined();
  const wordy = [{ peer: '71', user: 'x'.repeat(300_000) } as const];
  expect(answer({ base: aLog({ leases: wordy }).base, entries: [] })).toBeUndefined();

  const entry = anUpdate(doc, () => doc.getText('typed').insert(0, 'x'.repeat(300_000)));
  expect(entry.length).toBeGreaterThan(256 * 1024);
  expect(answer({ base, entries: [entry] })).toBeUndefined();

  const large = aLog({ snapshot: new Uint8Array(COLD_BASE_BYTES + 1) }).base;
  expect(answer({ base: large, entries: [] })).toMatchObject({ kind: 'joined' });
  expect(answer({ base: large, entries: [] }, true)).toBeUndefined();
});

test('[SY9.4] a document that newer code migrated since its base is nothing that the log answers', () => {
  const { doc, base, entries } = aLog();
  const migrated = anUpdate(doc, () => doc.getMap('meta').set(SCHEMA_VERSION_FIELD, SCHEMA_VERSION + 1));
  expect(joined(new LogHead({ base, entries }))).toMatchObject({ kind: 'joined' });
  expect(peersOf(new LogHead({ base, entries: [...entries, migrated] }))).toBeUndefined();
});

test('[SY8.8] ids that the tail leased are told to that device again, and to no other', () => {
  const { base, entries } = aLog();
  const leased = ['75', '76', '77'] as const;
  const notes = leased.map((peer) => ({ peer, user: 'alice', device: 'tower-34' }));
  const tail = notes.map((note) => encodeRecord({ kind: 'lease', actor: CAROL, receivedAtMs: 1, note }));
  const head = () => new LogHead({ base, entries: [...entries, ...tail] });
  expect(peersOf(head(), 1, 'tower-34')).toEqual([...leased]);
  expect(peersOf(head(), 1, 'laptop-12')).toEqual(['71', '81', '82']);
  // An id that is somebody's already is not given away as new.
  const device = { id: 'phone-56', fresh: [...leased, ...FRESH] };
  expect(joined(head(), { device })).toMatchObject({ peers: FRESH });
});

test('[SY8.8] an id that a socket writes under is told to that socket alone', () => {
  const holders = [{ peer: '71', user: 'alice', connection: 5 }] as const;
  const head = () => new LogHead({ ...aLog(), holders });
  expect(peersOf(head(), 5)).toEqual(['71', '81', '82']);
  expect(peersOf(head(), 6)).toEqual([...FRESH]);
});

test('[SY8.8] the version of all is written once, however many join', () => {
  const head = new LogHead(aLog());
  const versionOf = (connection: number) => {
    const reply = joined(head, { connection });
    return reply?.kind === 'joined' ? reply.version : undefined;
  };
  expect(versionOf(1)).toBeDefined();
  expect(versionOf(2)).toBe(versionOf(1));
});
