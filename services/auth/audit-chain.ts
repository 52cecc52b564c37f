// The audit log's chain: each entry's hash covers the entry and the hash before it, so nobody changes, drops or reorders an
// entry without breaking every hash after it. Pure, and enough to verify an export with.
import { createHash } from 'node:crypto';
import { canonicalJson, type Json } from '@hakiri/base/json';
import type { AuditEntry } from '@hakiri/contracts/auth';

const GENESIS_HASH = '';
export const DETAIL_LIMIT_CHARS = 8_192;

export type ChainEntry = Omit<AuditEntry, 'hash'> & { team: string };
export type ChainHead = { sequence: number; hash: string };
export const EMPTY_CHAIN: ChainHead = { sequence: 0, hash: GENESIS_HASH };

export function hashEntry(entry: ChainEntry, previous: string): string {
  const { team, sequence, at, actor, service, action, outcome, target } = entry;
  const covered = canonicalJson({
    team,
    sequence,
    at,
    actor: { kind: actor.kind, id: actor.id },
    service,
    action,
    outcome,
    target,
    detail: toJson(entry.detail),
    previous,
  });
  return createHash('sha256').update(covered).digest('hex');
}

type ChainCheck = { kind: 'intact'; head: ChainHead } | { kind: 'broken'; head: ChainHead; sequence: number };

/** `entries` follow `head` without a gap. */
export function checkChain(head: ChainHead, team: string, entries: readonly AuditEntry[]): ChainCheck {
  let last = head;
  for (const entry of entries) {
    const expected = last.sequence + 1;
    const follows = entry.sequence === expected && entry.hash === hashEntry({ ...entry, team }, last.hash);
    if (!follows) return { kind: 'broken', head: last, sequence: expected };
    last = { sequence: entry.sequence, hash: entry.hash };
  }
  return { kind: 'intact', head: last };
}

/** What the log keeps of a detail: all of it, or that it was too long. */
export function detailText(detail: Record<string, unknown>): string {
  const text = canonicalJson(toJson(detail));
  return text.length <= DETAIL_LIMIT_CHARS ? text : canonicalJson({ leftOutChars: text.length });
}

function toJson(value: unknown): Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value !== 'object') return null;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return Object.fromEntries(entries.map(([key, item]) => [key, toJson(item)]));
}
