// Revert: reads the documents that it concerns, plans, and writes each back as one update; then asks for the Applies.
import { fromUtf8, utf8 } from '@hakiri/base/bytes';
import { canonicalJson } from '@hakiri/base/json';
import type { ApplyStatus } from '@hakiri/contracts/apply';
import type { ConfigDraft, ConfigIssue } from '@hakiri/contracts/config';
import { ProblemError } from '@hakiri/contracts/problem';
import { type RevertBody, type RevertedDocument, RevertResult } from '@hakiri/contracts/revert';
import { parseLabel } from '@hakiri/contracts/revision';
import type { TokenRole } from '@hakiri/contracts/roles';
import type { EditRequest } from '@hakiri/contracts/sync';
import { diffDrafts } from '@hakiri/manifest/diff';
import { digestOf } from '@hakiri/manifest/digest';
import { type DocumentRevert, planRevert, revertedDocuments, revertedKeys } from '@hakiri/manifest/revert';
import type { Cause } from '@hakiri/service/messaging';
import type { Clock } from '@hakiri/substrate/clock';
import type { Random } from '@hakiri/substrate/random';
import { Value } from '@sinclair/typebox/value';
import type { Revisions } from '../delivery/revisions.ts';
import type { Intake } from '../requests/intake.ts';
import type { Looks } from '../requests/looks.ts';
import type { RequestViews } from '../requests/request-view.ts';
import type { Store } from '../store/store.ts';
import type { History } from '../store/store-history.ts';
import type { RequestRow } from '../store/store-rows.ts';
import type { DocumentWriter } from './document-writer.ts';
import { batchEdits } from './edit-batches.ts';
import { refusedDocument, UNWRITABLE } from './revert-refusal.ts';

export type Reverter = ReturnType<typeof createReverter>;
/** Of the Apply that follows. */
export type RevertApply = {
  author: string;
  authorRole: TokenRole;
  untilMs?: number;
  idempotencyKey: string;
  waitMs: number;
  signal: AbortSignal;
};
type Planned = { revert: DocumentRevert; version: string; batches: EditRequest[] };

const AGAIN = 'Revert again: that is safe, what is there is recognised.';
export function createReverter(deps: {
  writer: DocumentWriter;
  revisions: Pick<Revisions, 'get' | 'config'>;
  history: Pick<History, 'latest'>;
  looks: Looks;
  store: Pick<Store, 'audit' | 'requestsKeyed' | 'revertAnswer'>;
  intake: Pick<Intake, 'acceptAll' | 'settled'>;
  views: Pick<RequestViews, 'status'>;
  random: Random;
  clock: Clock;
  openRequestsLimit: number;
  onAudited(): void;
}) {
  const { writer, revisions, history, store, intake, views, random, clock } = deps;

  /** @throws ProblemError */
  async function plan(
    team: string,
    body: RevertBody,
    cause: Cause,
  ): Promise<{ label: string; documents: Planned[]; issues: ConfigIssue[] }> {
    const revision = await revisions.get(team, parseLabel(body.to));
    const to = await revisions.config(team, revision);
    const latest = await revisions.config(team, await history.latest(team));
    const asked = { to, latest, label: revision.label, only: body.doc };
    const named = body.pipelines && revertedKeys(asked, body.pipelines);
    if (named && named.issues.length > 0)
      return { label: revision.label, documents: [], issues: named.issues };
    const subject = { ...asked, appliedFrom: revision.doc, keys: named?.keys };
    const currents = new Map<string, ConfigDraft>();
    const versions = new Map<string, string>();
    const wanted = new Set(to.pipelines.map(({ key }) => key).filter((key) => named?.keys.has(key) ?? true));
    // What a move took away, and no Apply has seen yet, is in a document that neither revision tells of.
    const left = new Set(revertedDocuments(subject));
    for (const doc of left) {
      const { version, draft, moved } = await writer.read({ team, doc }, cause);
      currents.set(doc, draft);
      versions.set(doc, version);
      for (const { to: other, pipelines } of moved)
        if (pipelines.some((key) => wanted.has(key))) left.add(other);
    }
    const { documents, issues } = planRevert(subject, currents, () => random.ulid(clock.now()));
    const planned: Planned[] = [];
    for (const revert of documents) {
      const { doc } = revert;
      const edits = batchEdits(revert);
      if (edits.kind === 'too_large')
        throw new ProblemError(
          'too_large',
          `${edits.id} alone is larger than ${edits.limitBytes} bytes. Nothing was reverted.`,
        );
      const refusal = edits.batches.length > 0 ? await writer.refusal({ team, doc }, cause) : undefined;
      if (refusal?.code === 'storage_full' && !body.dryRun)
        throw new ProblemError('storage_full', `${refusal.detail} Nothing was reverted.`);
      if (refusal) issues.push(refusedDocument(doc, refusal));
      planned.push({ revert, version: versions.get(doc) ?? '', batches: edits.batches });
    }
    return { label: revision.label, documents: planned, issues };
  }

  async function write(
    team: string,
    body: RevertBody,
    label: string,
    { revert, version, batches }: Planned,
    cause: Cause,
  ): Promise<string> {
    if (batches.length === 0) return version;
    const {
      version: after,
      failure,
      ...written
    } = await writer.write({ team, doc: revert.doc }, batches, cause, AGAIN);
    await store.audit(team, cause, {
      action: 'doc.revert',
      outcome: failure && failure.code !== 'unavailable' && written.batches === 0 ? 'refused' : 'done',
      target: revert.doc,
      detail: {
        to: label,
        scope: body.pipelines === undefined ? 'all' : 'pipelines',
        put: revert.put.length,
        deleted: revert.delete.length,
        variables: revert.putVariables.length + revert.deleteVariables.length,
        ...(body.message === undefined ? {} : { message: body.message }),
        ...(failure ? { written, of: batches.length, code: failure.code } : {}),
      },
    });
    deps.onAudited();
    if (failure) throw failure;
    return after ?? version;
  }

  /** All or none are asked for, and all are in before any is waited for. Undefined when there is no room, or they are in already. */
  async function applyAll(
    team: string,
    body: RevertBody,
    answer: RevertResult,
    keys: KeyPrefix,
    by: RevertApply,
    cause: Cause,
  ): Promise<Map<string, ApplyStatus> | undefined> {
    const { author, authorRole, untilMs, waitMs, signal } = by;
    const what = body.pipelines === undefined ? '' : ` of ${body.pipelines.slice(0, 10).join(', ')}`;
    const message = body.message ?? `Revert${what} to ${answer.to}`;
    const asked = answer.documents.flatMap(({ doc, scope, version }) =>
      scope === undefined
        ? []
        : {
            ...{ team, author, authorRole, idempotencyKey: `${keys.ofBody}${doc}` },
            ...(untilMs === undefined ? {} : { untilMs }),
            ...{ body: { doc, scope, version, message }, traceparent: cause.traceparent ?? '' },
          },
    );
    const rows = await intake.acceptAll(asked, utf8(JSON.stringify(answer)));
    return rows && settle(rows, waitMs, signal);
  }

  async function settle(
    rows: readonly RequestRow[],
    waitMs: number,
    signal: AbortSignal,
  ): Promise<Map<string, ApplyStatus>> {
    const ended = await Promise.all(rows.map((row) => intake.settled(row, waitMs, signal)));
    const statuses = await Promise.all(ended.map(views.status));
    return new Map(
      statuses.map((status, index) => [rows[index]?.idempotencyKey.split(':').at(-1) ?? '', status]),
    );
  }

  /** The answer to a request that was here before; nothing is written again. @throws ProblemError */
  async function repeated(
    team: string,
    body: RevertBody,
    keys: KeyPrefix,
    { author, waitMs, signal }: RevertApply,
  ): Promise<RevertResult | undefined> {
    const rows = await store.requestsKeyed(team, author, keys.ofKey);
    if (rows.length === 0) return undefined;
    if (rows.some(({ idempotencyKey }) => !idempotencyKey.startsWith(keys.ofBody)))
      throw new ProblemError(
        'idempotency_mismatch',
        'You used this idempotency key for another revert. Use a new key.',
      );
    return withStatuses(await answerOf(team, body, rows), await settle(rows, waitMs, signal));
  }

  /** As it was told the first time. */
  async function answerOf(
    team: string,
    body: RevertBody,
    rows: readonly RequestRow[],
  ): Promise<RevertResult> {
    const kept = await store.revertAnswer(rows.map(({ id }) => id));
    const answer: unknown = kept && JSON.parse(fromUtf8(kept));
    if (Value.Check(RevertResult, answer)) return answer;
    return {
      dryRun: false,
      to: (await revisions.get(team, parseLabel(body.to))).label,
      documents: rows.map(({ idempotencyKey, body: { version, scope } }) => {
        const doc = idempotencyKey.split(':').at(-1) ?? '';
        return { doc, version, updates: 0, pipelines: [], variables: [], scope };
      }),
      issues: [],
    };
  }

  /** All of it planned and, unless it is a dry run, written. @throws ProblemError */
  async function written(
    team: string,
    body: RevertBody,
    isApplied: boolean,
    cause: Cause,
  ): Promise<RevertResult> {
    const { label, documents: planned, issues } = await plan(team, body, cause);
    const { dryRun = false } = body;
    const isHeld = ({ code, severity }: ConfigIssue) =>
      UNWRITABLE.has(code) || (isApplied && severity === 'error');
    if (!dryRun && issues.some(isHeld))
      throw new ProblemError(
        'invalid_config',
        'Nothing was reverted. Mend what `issues` lists, then revert again.',
        issues,
      );
    const applies = isApplied ? planned.filter(({ revert }) => revert.scope !== undefined).length : 0;
    if (!dryRun && applies > deps.openRequestsLimit)
      throw new ProblemError(
        'too_large',
        `It concerns ${applies} documents, and a team has at most ${deps.openRequestsLimit} unfinished Applies. Nothing was reverted: name a document, and revert one after the other.`,
      );
    const documents: RevertedDocument[] = [];
    for (const one of planned) {
      const { doc, before: was, after, scope } = one.revert;
      const version = dryRun ? one.version : await write(team, body, label, one, cause);
      const updates = one.batches.length;
      documents.push({ doc, version, updates, ...diffDrafts(was, after), ...(scope ? { scope } : {}) });
    }
    return { dryRun, to: label, documents, issues };
  }

  return {
    /** With `by` what was written is applied. @throws ProblemError */
    revert: async (
      team: string,
      body: RevertBody,
      by: RevertApply | undefined,
      cause: Cause,
    ): Promise<RevertResult> => {
      const keys = by && (await keyPrefix(by.idempotencyKey, body));
      const before = by && keys && (await repeated(team, body, keys, by));
      if (before) return before;
      // Whole documents are held so far; the Applies have places of their own, and may be waited for.
      const answer = await deps.looks.run(team, () => written(team, body, by !== undefined, cause));
      if (answer.dryRun || !by || !keys) return answer;
      const statuses = await applyAll(team, body, answer, keys, by, cause);
      if (statuses) return withStatuses(answer, statuses);
      const sameAtOnce = await repeated(team, body, keys, by);
      if (sameAtOnce) return sameAtOnce;
      throw new ProblemError(
        'rate_limited',
        'Many Applies of your team are not finished yet, so nothing of it is applied. The documents are as they were then. Revert again when some are: that is safe, what is there is recognised.',
      );
    },
  };
}

function withStatuses(answer: RevertResult, statuses: ReadonlyMap<string, ApplyStatus>): RevertResult {
  return {
    ...answer,
    documents: answer.documents.map((document) => {
      const apply = statuses.get(document.doc);
      return apply ? { ...document, apply } : document;
    }),
  };
}

type KeyPrefix = { ofKey: string; ofBody: string };

/** Each document has an Apply of its own, and the caller one key: another body under it has to be recognised. */
async function keyPrefix(idempotencyKey: string, body: RevertBody): Promise<KeyPrefix> {
  const hash = async (text: string) => (await digestOf(utf8(text))).replace('sha256:', '').slice(0, 32);
  const ofKey = `revert:${await hash(idempotencyKey)}:`;
  return { ofKey, ofBody: `${ofKey}${await hash(canonicalJson(body))}:` };
}
