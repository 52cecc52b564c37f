// Auth's database: one change at a time, and every change commits together with what the audit log says about it.
import type { AuditRecord } from '@hakiri/contracts/auth';
import type { Actor } from '@hakiri/contracts/envelope';
import type { Database, Orm, Statement } from '@hakiri/substrate/libsql/database';
import { type ChainEntry, detailText, hashEntry } from './audit-chain.ts';
import { audit, revocations } from './schema.ts';
import { readHead } from './store-audit.ts';

/** `renew`: its holder may have a new token by renewing it. */
export type Revocation = { id: string; untilMs: number; renew?: boolean };
/** `id` names the occasion: the same occasion is never recorded twice. */
export type AuditNote = AuditRecord & { id: string; at: string; actor: Actor; service: string };
type Commit = { statements: Statement[]; notes: AuditNote[]; revoked: Revocation[] };

export type Store = ReturnType<typeof createStore>;

export function createStore(database: Database) {
  return {
    orm: database.orm,

    /** `work` reads and decides with no other change under way; what it returns is committed as one. */
    change<Result extends Commit>(team: string, work: (orm: Orm) => Promise<Result>): Promise<Result> {
      return database.write(async (orm) => {
        const result = await work(orm);
        const revoked = result.revoked.map(({ id, untilMs, renew = false }) =>
          orm.insert(revocations).values({ id, team, untilMs, renew }).onConflictDoNothing(),
        );
        const [first, ...rest] = [
          ...result.statements,
          ...revoked,
          ...(await appendNotes(orm, team, result.notes)),
        ];
        if (first !== undefined) await orm.batch([first, ...rest]);
        return result;
      });
    },
  };
}

async function appendNotes(orm: Orm, team: string, notes: readonly AuditNote[]): Promise<Statement[]> {
  if (notes.length === 0) return [];
  let head = await readHead(orm, team);
  return notes.map(({ id, at, actor, service, action, outcome, target, detail }) => {
    const text = detailText(detail);
    const sequence = head.sequence + 1;
    const kept: Record<string, unknown> = JSON.parse(text);
    const entry: ChainEntry = { team, sequence, at, actor, service, action, outcome, target, detail: kept };
    const hash = hashEntry(entry, head.hash);
    head = { sequence, hash };
    const row = { team, sequence, messageId: id, at, service, action, outcome, target, detail: text, hash };
    return orm.insert(audit).values({ ...row, actorKind: actor.kind, actorId: actor.id });
  });
}
