// What is in the log: read back as it was written, and refused when it was not written by this code.
import { expect, test } from 'bun:test';
import { concatBytes, utf8 } from '@hakiri/base/bytes';
import { type Base, decodeBase, decodeHead, encodeBase } from './base.ts';
import { decodeRecord, encodeRecord, type LeaseNote, type LogRecord, RecordError } from './record.ts';

const note = {
  number: 3,
  label: 'v3',
  file: 'manifest@v3.toml',
  digest: 'sha256:00',
  sizeBytes: 10,
  publishedAt: '2026-01-01T00:00:00.000Z',
  author: 'alice',
  message: 'go',
  doc: 'main',
  version: 'AA',
  pipelines: 2,
};

test('[SY2.6] an entry says who, when and what', () => {
  const header = { actor: { kind: 'user', id: 'ülf' }, receivedAtMs: 1_700_000_000_123 } as const;
  const records: LogRecord[] = [
    { ...header, kind: 'created' },
    { ...header, kind: 'update', update: Uint8Array.of(1, 2, 3) },
    { ...header, kind: 'applied', note },
  ];
  for (const record of records) expect(decodeRecord(encodeRecord(record))).toEqual(record);
});

test('[SY2.6] the bytes of an entry stay what they are', () => {
  const record: LogRecord = {
    actor: { kind: 'service', id: 'sync' },
    receivedAtMs: 1,
    kind: 'update',
    update: Uint8Array.of(255),
  };
  expect(Buffer.from(encodeRecord(record)).toString('hex')).toBe('010102043ff000000000000073796e63ff');
});

test('[SY2.6] a base keeps what is not in the document beside the snapshot', () => {
  const base = {
    version: 'AA',
    schema: 1,
    snapshot: Uint8Array.of(9, 8),
    applied: note,
    leases: [
      { peer: '7', user: 'alice' },
      { peer: '8', user: 'bob', device: 'laptop-12' },
    ] satisfies LeaseNote[],
    receipts: [{ peer: '7', start: 0, end: 3, user: 'alice', atMs: 5 }],
    notices: [],
  } satisfies Base;
  expect(decodeBase(encodeBase(base))).toEqual(base);
  const { version, schema, leases, snapshot } = base;
  const bytes = encodeBase(base);
  expect(decodeHead(bytes, bytes.length)).toEqual({ version, schema, leases, snapshot });
  expect(decodeHead(bytes, 10)).toBeUndefined();
});

test('[SY2.6] a base of every earlier format is read', () => {
  const notes = utf8(JSON.stringify({ applied: note, leases: [{ peer: '7', user: 'alice' }] }));
  for (const format of [1, 2, 3]) {
    const bytes = concatBytes([Uint8Array.of(format, 0, 0, 0, notes.length), notes, Uint8Array.of(9)]);
    const leases = [{ peer: '7' as const, user: 'alice' }];
    expect(decodeBase(bytes)).toEqual({ snapshot: Uint8Array.of(9), applied: note, leases });
    expect(decodeHead(bytes, bytes.length)).toBeUndefined();
  }
});

test('[SY2.6] another format stops the load instead of being guessed', () => {
  const good = encodeRecord({ actor: { kind: 'user', id: 'a' }, receivedAtMs: 1, kind: 'created' });
  for (const bytes of [new Uint8Array(), Uint8Array.of(2, ...good.slice(1)), good.slice(0, 8)])
    expect(() => decodeRecord(bytes)).toThrow(RecordError);
  expect(() => decodeBase(Uint8Array.of(4, 0, 0, 0, 0))).toThrow(RecordError);
  expect(() => decodeBase(Uint8Array.of(1, 0, 0, 0, 9, 1))).toThrow(RecordError);
});
