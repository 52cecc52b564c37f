// A request as the API tells it: its state, who approved what of it, and, while it waits, exactly what it would change.
import { utf8 } from '@hakiri/base/bytes';
import type { ApplyStatus } from '@hakiri/contracts/apply';
import {
  PROPOSAL_LIMIT_BYTES,
  type Proposal,
  type RequestSummary,
  type RequestView,
} from '@hakiri/contracts/approval';
import type { ManifestConfig } from '@hakiri/contracts/config';
import { DEFAULT_DOC } from '@hakiri/contracts/names';
import type { ApprovalState } from '@hakiri/contracts/policy';
import { labelOf, type Revision } from '@hakiri/contracts/revision';
import { EMPTY_CONFIG } from '@hakiri/manifest/canonical';
import { diffManifests } from '@hakiri/manifest/diff';
import { renderManifest } from '@hakiri/manifest/render';
import { type Change, changeOf, digestOfChange, usedVariables } from '../policy/approval-change.ts';
import { release } from '../publish/body.ts';
import { nextName } from '../publish/revision.ts';
import type { History } from '../store/store-history.ts';
import { isWaiting, type RequestRow } from '../store/store-rows.ts';
import type { ListedRequests, WaitingRows } from '../store/store-waiting.ts';
import { refusalProblem } from './apply-machine.ts';
import { orAway, type PrepareRequest } from './fresh.ts';
import { isoTime } from './iso-time.ts';

export type RequestViews = ReturnType<typeof createRequestViews>;

export function createRequestViews(deps: {
  history: History;
  rows: Pick<WaitingRows, 'approvals' | 'list'>;
  prepare: PrepareRequest;
}) {
  const { history, rows } = deps;

  async function approvalOf(row: RequestRow): Promise<{ approval?: ApprovalState }> {
    if (!row.awaiting) return {};
    const { digest, needs, lost = [] } = row.awaiting;
    const expires = row.state === 'awaiting_approval' && row.wakeAtMs !== null;
    const approvals = (await rows.approvals(row.id)).map((one) => ({
      user: one.user,
      at: isoTime(one.atMs),
      reason: one.reason,
      isVoid: one.digest !== digest,
      counts:
        one.digest === digest && (row.granted?.approvedBy.includes(one.user) ?? !lost.includes(one.user)),
    }));
    return {
      approval: { digest, needs, approvals, ...(expires ? { expiresAt: isoTime(row.wakeAtMs ?? 0) } : {}) },
    };
  }

  async function status(row: RequestRow): Promise<ApplyStatus> {
    const { id } = row;
    const approval = await approvalOf(row);
    switch (row.state) {
      case 'requested':
      case 'publishing':
        return { id, state: 'pending', ...approval };
      case 'awaiting_approval':
        return { id, state: 'awaiting_approval', ...approval };
      case 'scheduled':
        return { id, state: 'scheduled', dueAt: isoTime(row.wakeAtMs ?? 0), ...approval };
      case 'refused':
        return { id, state: 'refused', ...(row.problem ? { problem: row.problem } : {}), ...approval };
      case 'published': {
        const revision = await history.at(row.team, row.revision ?? 0);
        return {
          id,
          state: 'published',
          ...(revision ? { revision } : {}),
          ...(row.unchanged ? { unchanged: true } : {}),
          warnings: row.warnings ?? [],
          ...approval,
        };
      }
    }
  }

  async function summary(row: RequestRow): Promise<RequestSummary> {
    const { doc = DEFAULT_DOC, scope, version, message = '', at, timezone, window, latest } = row.body;
    const { overrode = [], approvedBy = [] } = row.granted ?? {};
    return {
      ...(await status(row)),
      author: row.author,
      createdAt: isoTime(row.createdAtMs),
      doc,
      scope,
      version,
      message,
      ...(at === undefined ? {} : { at }),
      ...(timezone === undefined ? {} : { timezone }),
      ...(window === undefined ? {} : { window }),
      ...(latest === undefined ? {} : { latest }),
      ...(overrode.length > 0 ? { overrode } : {}),
      ...(approvedBy.length > 0 ? { approvedBy } : {}),
    };
  }

  /** What would go live if it went now. */
  async function proposal(row: RequestRow): Promise<{ proposal: Proposal } | { unavailable: string }> {
    const last = await history.latest(row.team);
    const preparation = await orAway(deps.prepare(row, last));
    if (preparation.kind === 'away')
      return {
        unavailable: 'Sync does not answer, so nobody knows what it would change now. Try again shortly.',
      };
    if (preparation.kind !== 'prepared') return { unavailable: refusalProblem(preparation).detail };
    const { outcome } = preparation;
    if (outcome.kind === 'invalid') return { unavailable: refusalProblem(outcome).detail };
    release(outcome.body);
    const before = preparation.last?.config ?? EMPTY_CONFIG;
    return { proposal: await proposalOf(row, last, before, outcome.config) };
  }

  return {
    status,
    summary,

    /** Newest first. */
    list: async (
      team: string,
      which: ListedRequests,
      before: string | undefined,
      limit: number,
    ): Promise<{ requests: RequestSummary[]; next?: string }> => {
      const found = await rows.list(team, which, before, limit + 1);
      const shown = found.slice(0, limit);
      const requests = await Promise.all(shown.map(summary));
      const next = found.length > limit ? shown.at(-1)?.id : undefined;
      return { requests, ...(next === undefined ? {} : { next }) };
    },

    /** With what it would change, for who may see the document. */
    view: async (row: RequestRow, withProposal: boolean): Promise<RequestView> => {
      return { ...(await summary(row)), ...(isWaiting(row) && withProposal ? await proposal(row) : {}) };
    },
  };
}

async function proposalOf(
  row: RequestRow,
  last: Revision | undefined,
  before: ManifestConfig,
  after: ManifestConfig,
): Promise<Proposal> {
  const change = changeOf(before, after);
  const diff = {
    from: labelOf(last ?? { number: 0, minor: 0 }),
    to: labelOf(nextName(last, 'apply')),
    ...diffManifests(before, after),
  };
  const digest = await digestOfChange(row.body.doc ?? DEFAULT_DOC, change, after);
  const texts = { before: textOf(change, 'before', before), after: textOf(change, 'after', after) };
  const isShort = utf8(texts.before).length + utf8(texts.after).length <= PROPOSAL_LIMIT_BYTES;
  return { digest, diff, ...(isShort ? texts : {}) };
}

function textOf(change: Change, side: 'before' | 'after', whole: ManifestConfig): string {
  const pipelines = change.pipelines.flatMap((pair) => pair[side] ?? []);
  const changed = change.variables.flatMap((pair) => pair[side] ?? []);
  const keys = new Set(changed.map(({ key }) => key));
  const used = usedVariables(change, whole).filter(({ key }) => !keys.has(key));
  return renderManifest({ pipelines, variables: [...changed, ...used] });
}
