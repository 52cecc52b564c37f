// The wire between services: golden vectors that every version must read as they are, and what is refused.
import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createPrng } from '@hakiri/base/prng';
import { encodeEnvelope, Written } from './envelope.ts';
import * as subjects from './subjects.ts';

const golden = new Uint8Array(readFileSync(join(import.meta.dir, 'golden/apply-requested.json')));

test('a golden envelope reads as what it says, and writes back byte for byte', () => {
  const opened = subjects.ApplyRequested.decode(golden);
  if (opened.kind === 'malformed') throw new Error(opened.reason);
  expect(opened.envelope).toMatchObject({
    team: 'default',
    actor: { kind: 'user', id: 'owner' },
    data: { request: '01JD3ZKQ7R8X2M5N4P6T9V0WYZ' },
  });
  expect(encodeEnvelope(opened.envelope)).toEqual(golden);
  const written = new Written(JSON.stringify(opened.envelope.data));
  expect(encodeEnvelope({ ...opened.envelope, data: written })).toEqual(golden);
});

test('every golden file of a durable message is read by its message', () => {
  const files = {
    'apply-requested.json': subjects.ApplyRequested,
    'manifest-applied.json': subjects.ManifestApplied,
    'manifest-applied-minor.json': subjects.ManifestApplied,
    'audit-recorded.json': subjects.AuditRecorded,
  };
  for (const [file, message] of Object.entries(files)) {
    const bytes = new Uint8Array(readFileSync(join(import.meta.dir, 'golden', file)));
    expect(message.decode(bytes).kind).toBe('ok');
  }
});

test('an envelope with another version, a missing actor or an extra field is malformed, and says where', () => {
  const value = JSON.parse(new TextDecoder().decode(golden));
  const { actor: _, ...nobody } = value;
  for (const wrong of [
    { ...value, v: 2 },
    nobody,
    { ...value, extra: true },
    { ...value, data: {} },
    [],
    null,
    'text',
  ]) {
    const opened = subjects.ApplyRequested.decode(new TextEncoder().encode(JSON.stringify(wrong)));
    expect(opened).toMatchObject({ kind: 'malformed', reason: expect.any(String) });
  }
});

test('1,000 corrupted envelopes are read as they were or refused, never thrown at', () => {
  const prng = createPrng(11);
  for (let round = 0; round < 1_000; round++) {
    const bytes = golden.slice();
    bytes[prng.below(bytes.length)] = prng.below(256);
    expect(['ok', 'malformed']).toContain(subjects.ApplyRequested.decode(bytes).kind);
  }
});

test('a subject is in its own pattern and in no other’s', () => {
  const messages = Object.values(subjects).filter((value) => typeof value === 'object' && 'subject' in value);
  const names = messages.map((message) => message.subject({ team: 'default', doc: 'main' }));
  expect(new Set(names).size).toBe(names.length);
  for (const message of messages) {
    const pattern = new RegExp(`^${message.pattern.replaceAll('.', '\\.').replaceAll('*', '[^.]+')}$`);
    expect(names.filter((name) => pattern.test(name))).toHaveLength(1);
    expect(message.kind === 'durable').toBe(message.pattern.startsWith('hakiri.queue.'));
  }
});
