// The log of a run: a node adds lines under its fence, people read them in pages.
import { ProblemError } from '@hakiri/contracts/problem';
import {
  LOG_PAGE_LIMIT,
  type LogBody,
  type LogReply,
  type RunLogLine,
  type RunLogPage,
  type RunLogQuery,
} from '@hakiri/contracts/scheduler';
import { isoTime } from './announce.ts';
import { noRun, staleClaim, type Worker } from './claims.ts';
import { EMPTY_LOG, planLog, type SentLine } from './log-plan.ts';
import { commit, isConflict, type RunRow, type RunStore } from './store.ts';
import type { LogLineRow, LogStore } from './store-logs.ts';

const ATTEMPTS = 5;

export type Logs = ReturnType<typeof createLogs>;

export function createLogs({ store, logs }: { store: RunStore; logs: LogStore }) {
  return {
    /** On disk when it resolves. @throws ProblemError `stale_claim` when the run was claimed anew since. */
    add({ team, owner }: Worker, id: string, body: LogBody): Promise<LogReply> {
      const { fence, sequence } = body;
      const lines = body.lines.map(sentLine);
      return logs.write(async (orm) => {
        for (let attempt = 1; ; attempt += 1) {
          const run = await store.find(id);
          if (run?.team !== team) throw noRun(id);
          // Whoever held it last may still say how it ended.
          if (run.fence !== fence || run.owner !== owner) throw staleClaim(id);
          const before = (await logs.head(id)) ?? EMPTY_LOG;
          const plan = planLog(before, { fence, sequence, lines });
          const { nextSequence: next } = plan.head;
          if (before.fence === fence && before.nextSequence === next) return { next };
          try {
            await commit(orm, logs.append(id, plan));
            return { next };
          } catch (error) {
            if (!isConflict(error) || attempt >= ATTEMPTS) throw error;
          }
        }
      });
    },

    /** Of a run that the caller may read. */
    async page(run: RunRow, query: RunLogQuery): Promise<RunLogPage> {
      const { after = 0, limit = LOG_PAGE_LIMIT } = query;
      const rows = await logs.page(run.id, after, limit + 1);
      const lines = rows.slice(0, limit).map(lineView);
      const last = lines.at(-1);
      const more = rows.length > limit && last !== undefined ? { next: last.number } : {};
      return { state: run.state, lines, ...more };
    },
  };
}

function sentLine({ at, level, step, text }: LogBody['lines'][number], index: number): SentLine {
  const atMs = Date.parse(at);
  if (Number.isNaN(atMs))
    throw new ProblemError('malformed', `/lines/${index}/at: expected a time such as 2026-01-31T14:05:09Z.`);
  return { atMs, level, step: step ?? null, text };
}

function lineView({ number, atMs, level, fence, step, text }: LogLineRow): RunLogLine {
  return { number, at: isoTime(atMs), level, fence, ...(step === null ? {} : { step }), text };
}
