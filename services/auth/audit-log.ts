// The audit log as others see it: what other services report goes in once each, pages come out, the chain can be checked.
import type { AuditCheck, AuditPage, AuditRecord } from '@hakiri/contracts/auth';
import type { Envelope } from '@hakiri/contracts/envelope';
import { checkChain, EMPTY_CHAIN } from './audit-chain.ts';
import type { Store } from './store.ts';
import { hasMessage, readEntries, readHead } from './store-audit.ts';

const CHECK_PAGE_ENTRIES = 1_000;

export type AuditLog = ReturnType<typeof createAuditLog>;

export function createAuditLog(store: Store) {
  return {
    /** A repeated message writes nothing. */
    async record({ id, at, team, actor, data }: Envelope<AuditRecord & { service: string }>): Promise<void> {
      await store.change(team, async (orm) => {
        const known = await hasMessage(orm, team, id);
        return { statements: [], revoked: [], notes: known ? [] : [{ ...data, id, at, actor }] };
      });
    },

    async page(team: string, after: number, limit: number): Promise<AuditPage> {
      const entries = await readEntries(store.orm, team, after, limit);
      const last = entries.at(-1);
      return { entries, ...(entries.length === limit && last ? { next: last.sequence } : {}) };
    },

    /** The last ones, oldest first. */
    async newest(team: string, limit: number): Promise<AuditPage> {
      // A team's sequence has no gaps.
      const { sequence } = await readHead(store.orm, team);
      return { entries: await readEntries(store.orm, team, Math.max(0, sequence - limit), limit) };
    },

    /** Recomputes every hash of the team's chain as it was when asked. */
    async check(team: string): Promise<AuditCheck> {
      const end = await readHead(store.orm, team);
      let head = EMPTY_CHAIN;
      while (head.sequence < end.sequence) {
        const wanted = Math.min(CHECK_PAGE_ENTRIES, end.sequence - head.sequence);
        const entries = await readEntries(store.orm, team, head.sequence, wanted);
        const checked = checkChain(head, team, entries);
        head = checked.head;
        const broken = checked.kind === 'broken' || entries.length === 0;
        const { sequence, hash } = head;
        if (broken) return { intact: false, entries: sequence, head: hash, brokenAt: sequence + 1 };
      }
      return { intact: true, entries: head.sequence, head: head.hash };
    },
  };
}
