// The admin surface, computed: who may give what, rows with unsaved choices, a policy's draft, the log without gaps, typed pipelines.
import { expect, test } from 'bun:test';
import type { AuditEntry, Member } from '@hakiri/contracts/auth';
import { NO_POLICY } from '@hakiri/contracts/policy';
import { foundEntries, isByItself, olderQuery, withNewest, withOlder } from './audit-entries.ts';
import { auditSearch } from './audit-search.ts';
import { chooseRole, editsOfGone, keepEdit, memberRows } from './member-rows.ts';
import { afterSave, follow, fromLocal, isChanged, issuesAt, toLocal } from './policy-draft.ts';
import { MEMBER_ROLES, mayGive, mayManage, TOKEN_ROLES } from './rights.ts';
import { readPipelines } from './token-body.ts';

test('[PG6.5] roles are offered that one may give; only owners manage owners', () => {
  expect(MEMBER_ROLES.filter((role) => mayGive('admin', role))).toEqual([
    ...(['viewer', 'editor', 'applier', 'admin'] as const),
  ]);
  expect(TOKEN_ROLES.filter((role) => mayGive('owner', role))).toEqual([...TOKEN_ROLES]);
  expect(TOKEN_ROLES.filter((role) => mayGive('editor', role))).toEqual(['viewer', 'editor']);
  expect(mayManage('admin', 'owner')).toBe(false);
  expect(mayManage('owner', 'owner')).toBe(true);
  expect(mayManage('editor', 'viewer')).toBe(false);
});

const bob: Member = { user: 'bob', name: 'Bob', role: 'editor', since: '2026-01-01T00:00:00Z' };

test('[PG6.3, PG6.4] a chosen role waits beside the saved one, and knows when that became another', () => {
  const edits = chooseRole([], bob, 'applier');
  expect(edits).toEqual([{ user: 'bob', name: 'Bob', base: 'editor', role: 'applier' }]);
  expect(chooseRole(edits, bob, 'editor')).toEqual([]);
  expect(memberRows([bob], edits)[0]?.isChangedMeanwhile).toBe(false);
  const now: Member = { ...bob, role: 'viewer' };
  expect(memberRows([now], edits)[0]?.isChangedMeanwhile).toBe(true);
  const kept = keepEdit(edits, now);
  expect(kept).toEqual([{ user: 'bob', name: 'Bob', base: 'viewer', role: 'applier' }]);
  expect(memberRows([now], kept)[0]?.isChangedMeanwhile).toBe(false);
  expect(editsOfGone([], edits)).toEqual(edits);
  expect(keepEdit(edits, { ...bob, role: 'applier' })).toEqual([]);
});

test('[PG6.3, PG6.4] a policy is followed while nothing is changed, and told apart when somebody saved meanwhile', () => {
  const first = { version: 1, policy: NO_POLICY };
  const next = { version: 2, policy: { ...NO_POLICY, requireMessage: true } };
  const followed = follow({ base: first, mine: { ...NO_POLICY } }, next);
  expect(followed).toEqual({ draft: { base: next, mine: next.policy }, isChangedMeanwhile: false });
  const mine = { base: first, mine: { ...NO_POLICY, approvalHours: 5 } };
  expect(isChanged(mine)).toBe(true);
  expect(follow(mine, first)).toEqual({ draft: mine, isChangedMeanwhile: false });
  expect(follow(mine, next)).toEqual({ draft: mine, isChangedMeanwhile: true });
});

test('[PG6.3] what is changed while the policy is saved stays a change, over what is saved then', () => {
  const base = { version: 1, policy: NO_POLICY };
  const sent = { ...NO_POLICY, approvalHours: 12 };
  const saved = { version: 2, policy: sent };
  expect(afterSave({ base, mine: sent }, sent, saved)).toBeUndefined();
  expect(afterSave(undefined, sent, saved)).toBeUndefined();
  const newer = { ...NO_POLICY, approvalHours: 34 };
  const kept = afterSave({ base, mine: newer }, sent, saved);
  expect(kept).toEqual({ base: saved, mine: newer });
  expect(follow(kept, saved).isChangedMeanwhile).toBe(false);
});

test('[PG6.7] what the server finds wrong is for its field; times go through the reader’s clock and back', () => {
  const found = { path: '/freezes/0/when/until', code: 'x', message: 'no', severity: 'error' } as const;
  expect(issuesAt([found], '/freezes/0/when/until')).toEqual([{ severity: 'error', message: 'no' }]);
  expect(issuesAt([found], '/freezes/0/when')).toEqual([]);
  for (const instant of ['2026-03-29T00:30:00.000Z', '2026-12-24T18:00:00.000Z'])
    expect(fromLocal(toLocal(instant))).toBe(instant);
  expect([toLocal('soon'), fromLocal('')]).toEqual(['', '']);
});

const entry = (sequence: number, more: Partial<AuditEntry> = {}): AuditEntry => ({
  ...{ sequence, at: '2026-01-01T00:00:00Z', actor: { kind: 'user', id: 'u1' }, service: 'auth', hash: '' },
  ...{ action: 'link.create', outcome: 'done', target: 'invite', detail: {} },
  ...more,
});
const sequences = (entries: readonly AuditEntry[]): number[] => entries.map(({ sequence }) => sequence);

test('[PG6.8] what is loaded of the log has no gap, whatever comes in between', () => {
  const known = withNewest([], [entry(8), entry(9), entry(10)]);
  expect(sequences(known)).toEqual([10, 9, 8]);
  expect(sequences(withNewest(known, [entry(9), entry(10), entry(11)]))).toEqual([11, 10, 9, 8]);
  expect(sequences(withNewest(known, [entry(20), entry(21)]))).toEqual([21, 20]);
  expect(olderQuery(known, 5)).toEqual({ after: 2, limit: 5 });
  expect(olderQuery(known, 100)).toEqual({ after: 0, limit: 7 });
  expect(sequences(withOlder(known, [entry(6), entry(7), entry(8)]))).toEqual([10, 9, 8, 7, 6]);
  expect(olderQuery([entry(1)], 100)).toBeUndefined();
});

test('[PG6.8] the log is filtered by any of its words, names too, and by outcome', () => {
  const log = [entry(2, { outcome: 'refused', detail: { reason: 'No' } }), entry(1, { target: 'u2' })];
  const nameOf = (user: string): string => (user === 'u2' ? 'Dora' : user);
  expect(sequences(foundEntries(log, { find: 'dora' }, nameOf))).toEqual([1]);
  expect(sequences(foundEntries(log, { outcome: 'refused' }, nameOf))).toEqual([2]);
  expect(sequences(foundEntries(log, auditSearch({ find: 'link', outcome: 'odd' }), nameOf))).toEqual([2, 1]);
});

test('[PG6.6] typed pipelines are read with whatever is between them; what is no id is said', () => {
  expect(readPipelines(' ')).toEqual({ kind: 'all' });
  expect(readPipelines('orders, stock\n orders')).toEqual({ kind: 'some', pipelines: ['orders', 'stock'] });
  expect(readPipelines('orders Nö')).toEqual({ kind: 'wrong', ids: 'Nö' });
  expect(readPipelines(Array.from({ length: 51 }, (_, index) => `p${index}`).join(' '))).toEqual({
    kind: 'too_many',
  });
});

test('[PG6.8] what was published by itself is not told as somebody’s Apply', () => {
  const done = { action: 'manifest.apply', outcome: 'done' as const };
  expect(['v1.8', 'v12.10', 'v1', 'v2'].map((target) => isByItself({ ...done, target }))).toEqual([
    true,
    true,
    false,
    false,
  ]);
  expect(isByItself({ ...done, outcome: 'refused', target: 'v1.8' })).toBe(false);
});
