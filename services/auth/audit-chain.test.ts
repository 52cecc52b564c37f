// The chain of the audit log: what was changed, dropped, added or reordered shows.
import { expect, test } from 'bun:test';
import type { AuditEntry } from '@hakiri/contracts/auth';
import { checkChain, DETAIL_LIMIT_CHARS, detailText, EMPTY_CHAIN, hashEntry } from './audit-chain.ts';

function chain(length: number): AuditEntry[] {
  const entries: AuditEntry[] = [];
  for (let sequence = 1; sequence <= length; sequence++) {
    const entry = {
      sequence,
      at: '2026-03-01T12:00:00.000Z',
      actor: { kind: 'user', id: `user-${sequence % 3}` },
      service: 'apply',
      action: 'manifest.apply',
      outcome: 'done' as const,
      target: `v${sequence}`,
      detail: { b: [1, { c: null }], a: 'é' },
    };
    const hash = hashEntry({ ...entry, team: 'default' }, entries.at(-1)?.hash ?? '');
    entries.push({ ...entry, hash });
  }
  return entries;
}

test('[AU4.3] a whole chain holds, in one piece or page by page, and after a trip through JSON', () => {
  const entries = chain(20);
  const whole = checkChain(EMPTY_CHAIN, 'default', entries);
  expect(whole).toMatchObject({ kind: 'intact', head: { sequence: 20 } });
  const first = checkChain(EMPTY_CHAIN, 'default', entries.slice(0, 7));
  expect(checkChain(first.head, 'default', entries.slice(7))).toEqual(whole);
  expect(checkChain(EMPTY_CHAIN, 'default', JSON.parse(JSON.stringify(entries)))).toEqual(whole);
});

test('[AU4.3] any changed field, a dropped, doubled or swapped entry, and another team break it right there', () => {
  const entries = chain(20);
  const at = 9;
  const entry = entries[at];
  if (entry === undefined) throw new Error('the chain has 20 entries');
  const changes: Partial<AuditEntry>[] = [
    { at: '2026-03-01T12:00:00.001Z' },
    { actor: { kind: 'user', id: 'mallory' } },
    { actor: { kind: 'node', id: entry.actor.id } },
    { service: 'sync' },
    { action: 'manifest.revert' },
    { outcome: 'refused' },
    { target: 'v99' },
    { detail: { b: [1, { c: null }], a: 'e' } },
    { hash: 'f'.repeat(64) },
    { sequence: 99 },
  ];
  const broken = changes.map((change) => entries.with(at, { ...entry, ...change }));
  broken.push(entries.toSpliced(at, 1), entries.toSpliced(at, 0, entry));
  for (const altered of broken) {
    const checked = checkChain(EMPTY_CHAIN, 'default', altered);
    expect(checked.kind).toBe('broken');
    expect(checked.head.sequence).toBeLessThanOrEqual(at + 1);
  }
  expect(checkChain(EMPTY_CHAIN, 'other', entries)).toMatchObject({ kind: 'broken', sequence: 1 });
});

test('[AU4.3] a detail is kept in canonical form and bounded', () => {
  expect(detailText({ b: 1, a: undefined, c: Number.NaN })).toBe('{"b":1,"c":null}');
  expect(detailText({ long: 'x'.repeat(DETAIL_LIMIT_CHARS) })).toMatch(/^\{"leftOutChars":\d+\}$/);
});
