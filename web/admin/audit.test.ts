// The audit log in an open page: what its address asks for, and what a look and a letter cost.
import { expect, test } from 'bun:test';
import type { AuditEntry } from '@hakiri/contracts/auth';
import { foundEntries, withNewest } from './audit-entries.ts';
import { auditSearch } from './audit-search.ts';

const entry = (sequence: number, detail: Record<string, unknown> = {}): AuditEntry => ({
  ...{ sequence, at: '2026-01-01T00:00:00Z', actor: { kind: 'user', id: 'u1' }, service: 'auth' },
  ...{ action: 'link.create', outcome: 'done', target: 'invite', detail, hash: `h${sequence}` },
});

test('[PG6.8] an address asks for numbers and words alike', () => {
  expect(auditSearch({ find: 42 })).toEqual({ find: '42' });
  expect(auditSearch({ find: true, outcome: 'done' })).toEqual({ find: 'true', outcome: 'done' });
  expect(auditSearch({ find: { a: 1 } })).toEqual({});
  expect(auditSearch({ find: 'x'.repeat(10_000) })).toEqual({});
});

test('[PG6.8] a look that brings nothing new changes nothing, and each entry is read for a search once', () => {
  let reads = 0;
  const detail = { toJSON: () => void reads++ };
  const known = withNewest([], [entry(1, detail), entry(2, detail)]);
  // What is asked for again comes as other objects of the same.
  expect(withNewest(known, [entry(2, detail), entry(1, detail)])).toBe(known);
  const more = withNewest(known, [entry(3, detail), entry(2, detail)]);
  expect(more.slice(1)).toEqual([...known]);
  expect(more[1]).toBe(known[0]);
  for (const find of ['l', 'li', 'lin']) foundEntries(more, { find }, (user) => user);
  expect(reads).toBe(3);
});
