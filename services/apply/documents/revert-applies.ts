// The Applies of a revert, and its idempotency: one key of the caller stands for the answer and for all the requests, and whoever
// repeats it is told the same, also of a revert that had nothing to apply.
import { fromUtf8, utf8 } from '@hakiri/base/bytes';
import { canonicalJson } from '@hakiri/base/json';
import type { ApplyStatus } from '@hakiri/contracts/apply';
import { DEFAULT_DOC } from '@hakiri/contracts/names';
import { ProblemError } from '@hakiri/contracts/problem';
import { type RevertBody, RevertResult } from '@hakiri/contracts/revert';
import type { TokenRole } from '@hakiri/contracts/roles';
import { digestOf } from '@hakiri/manifest/digest';
import type { Cause } from '@hakiri/service/messaging';
import { Value } from '@sinclair/typebox/value';
import type { Intake } from '../requests/intake.ts';
import type { RequestViews } from '../requests/request-view.ts';
import type { Store } from '../store/store.ts';
import type { RevertKey } from '../store/store-reverts.ts';
import type { RequestRow } from '../store/store-rows.ts';

/** Who asks for the Applies, and how long they wait for them. */
export type RevertApply = {
  author: string;
  authorRole: TokenRole;
  untilMs?: number;
  idempotencyKey: string;
  waitMs: number;
  signal: AbortSignal;
};
export type RevertApplies = ReturnType<typeof createRevertApplies>;

/** Of an Apply's message, which names what comes back. */
const NAMED_LIMIT = 10;

export function createRevertApplies(deps: {
  store: Pick<Store, 'revertKept'>;
  intake: Pick<Intake, 'acceptRevert' | 'settled'>;
  views: Pick<RequestViews, 'status'>;
  /** An answer without requests is kept: it is forgotten by its own time. */
  onEnded(): void;
}) {
  const { store, intake, views } = deps;

  async function settle(
    answer: RevertResult,
    rows: readonly RequestRow[],
    { waitMs, signal }: RevertApply,
  ): Promise<RevertResult> {
    const ended = await Promise.all(rows.map((row) => intake.settled(row, waitMs, signal)));
    const statuses = new Map<string, ApplyStatus>();
    for (const row of ended) statuses.set(row.body.doc ?? DEFAULT_DOC, await views.status(row));
    const documents = answer.documents.map((document) => {
      const apply = statuses.get(document.doc);
      return apply ? { ...document, apply } : document;
    });
    return { ...answer, documents };
  }

  /** The answer of a request that was here before, and nothing is written again. @throws ProblemError */
  async function repeated(
    team: string,
    body: RevertBody,
    by: RevertApply,
  ): Promise<RevertResult | undefined> {
    const kept = await store.revertKept(await keyOf(team, by));
    if (kept === undefined) return undefined;
    if (kept.bodyHash !== (await hashOf(canonicalJson(body))))
      throw new ProblemError(
        'idempotency_mismatch',
        'You used this idempotency key for another revert. Use a new key.',
      );
    return settle(Value.Parse(RevertResult, JSON.parse(fromUtf8(kept.answer))), kept.rows, by);
  }

  return {
    repeated,

    /** All or none are asked for, and all are in before any is waited for. @throws ProblemError when there is no room */
    ask: async (
      team: string,
      body: RevertBody,
      answer: RevertResult,
      by: RevertApply,
      cause: Cause,
    ): Promise<RevertResult> => {
      const { author, authorRole, untilMs } = by;
      const what =
        body.pipelines === undefined ? '' : ` of ${body.pipelines.slice(0, NAMED_LIMIT).join(', ')}`;
      const message = body.message ?? `Revert${what} to ${answer.to}`;
      const asked = answer.documents.flatMap(({ doc, scope, version }) =>
        scope === undefined
          ? []
          : {
              ...{ team, author, authorRole, traceparent: cause.traceparent ?? '' },
              ...(untilMs === undefined ? {} : { untilMs }),
              body: { doc, scope, version, message },
            },
      );
      const [key, bodyHash] = [await keyOf(team, by), await hashOf(canonicalJson(body))];
      const rows = await intake.acceptRevert(key, bodyHash, utf8(JSON.stringify(answer)), asked);
      if (rows?.length === 0) deps.onEnded();
      if (rows) return settle(answer, rows, by);
      const sameAtOnce = await repeated(team, body, by);
      if (sameAtOnce) return sameAtOnce;
      throw new ProblemError(
        'rate_limited',
        'Many Applies of your team are not finished yet, or wait, so nothing of it is applied. The documents are as they were then. Revert again when some are done or cancelled: that is safe, what is there is recognised.',
      );
    },
  };
}

async function keyOf(team: string, { author, idempotencyKey }: RevertApply): Promise<RevertKey> {
  return { team, author, keyHash: await hashOf(idempotencyKey) };
}

/** As schema.ts has them. */
async function hashOf(text: string): Promise<string> {
  return (await digestOf(utf8(text))).replace('sha256:', '').slice(0, 32);
}
