// Reads of the audit log.

import type { AuditEntry } from '@hakiri/contracts/auth';
import type { Orm } from '@hakiri/substrate/libsql/database';
import { and, asc, desc, eq, gt } from 'drizzle-orm';
import { type ChainHead, EMPTY_CHAIN } from './audit-chain.ts';
import { audit } from './schema.ts';

export async function readHead(orm: Orm, team: string): Promise<ChainHead> {
  const [last] = await orm
    .select({ sequence: audit.sequence, hash: audit.hash })
    .from(audit)
    .where(eq(audit.team, team))
    .orderBy(desc(audit.sequence))
    .limit(1);
  return last ?? EMPTY_CHAIN;
}

export async function hasMessage(orm: Orm, team: string, messageId: string): Promise<boolean> {
  const found = await orm
    .select({ sequence: audit.sequence })
    .from(audit)
    .where(and(eq(audit.team, team), eq(audit.messageId, messageId)))
    .limit(1);
  return found.length > 0;
}

/** Oldest first, from behind `after`. */
export async function readEntries(
  orm: Orm,
  team: string,
  after: number,
  limit: number,
): Promise<AuditEntry[]> {
  const rows = await orm
    .select()
    .from(audit)
    .where(and(eq(audit.team, team), gt(audit.sequence, after)))
    .orderBy(asc(audit.sequence))
    .limit(limit);
  return rows.map((row) => ({
    sequence: row.sequence,
    at: row.at,
    actor: { kind: row.actorKind, id: row.actorId },
    service: row.service,
    action: row.action,
    outcome: row.outcome,
    target: row.target,
    detail: JSON.parse(row.detail),
    hash: row.hash,
  }));
}
