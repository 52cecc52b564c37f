// Taking the document live: apply, validate, revisions and their differences, what daemons read, import and export.
import { randomId } from '@hakiri/base/random-id';
import {
  type ApplyBody,
  ApplyStatus,
  IDEMPOTENCY_HEADER,
  ImportResult,
  ManifestDiff,
  REVISION_HEADER,
  RevisionPage,
  SEQUENCE_HEADER,
  Validation,
} from '@hakiri/contracts/apply';
import { MERGE_PATCH_TYPE, type MergeBody, MergeResult } from '@hakiri/contracts/merge';
import { type DiscardBody, DiscardResult, PendingPage } from '@hakiri/contracts/pending';
import { problem } from '@hakiri/contracts/problem';
import { type RevertBody, RevertResult } from '@hakiri/contracts/revert';
import { Revision } from '@hakiri/contracts/revision';
import { DocumentView, PipelineView } from '@hakiri/contracts/sync';
import { ApiProblem, UnexpectedAnswer } from './errors.ts';
import { appliedEvents, type EventOptions } from './events.ts';
import { bodyText, type Http } from './http.ts';
import { mayPass, repeated } from './repeated.ts';
import { backoffMs, pause } from './wait.ts';

/** An Apply that waits for people or for a time: ask again with its `id` (requests.ts). */
export type WaitingApply = ApplyStatus & { state: 'awaiting_approval' | 'scheduled' };
export type Published = { revision: Revision; unchanged: boolean; warnings: ApplyStatus['warnings'] };
/** Of all pages; the version is that of the first. */
export type PendingChanges = Omit<PendingPage, 'next'>;
/** `etag` of an earlier answer makes the question "anything newer?"; with `waitS` the server waits for it. */
export type LatestQuery = { etag?: string; waitS?: number; signal?: AbortSignal };
export type Latest =
  /** `revision` is its label; a higher `sequence` is newer. */
  | { kind: 'manifest'; revision: string; sequence: number; etag: string; toml: string }
  | { kind: 'unchanged' }
  | { kind: 'none' };

export type ImportOptions = {
  doc?: string;
  format: 'toml' | 'json';
  mode?: 'merge' | 'replace';
  dryRun?: boolean;
  /** Of the dry run that was looked at: refused (`document_moved`) when it would change something else by now. */
  digest?: string;
};

const APPLY_DEADLINE_MS = 120_000;
/** The server answers at once with the outcome when it is there within this time, and with 202 otherwise. */
const APPLY_WAIT_S = 10;
/** All of a large document is read, and what differs written, before the answer begins. */
const MERGE_TIMEOUT_MS = 120_000;
const LATEST_GRACE_MS = 10_000;

export type ApplyClient = ReturnType<typeof createApply>;

export function createApply(http: Http) {
  /** The first answer: repeated under one key, because a lost answer does not say whether the request arrived. */
  async function request(body: ApplyBody, key: string, signal?: AbortSignal): Promise<ApplyStatus> {
    const headers = { [IDEMPOTENCY_HEADER]: key, prefer: `wait=${APPLY_WAIT_S}` };
    return repeated(
      () => http.call(ApplyStatus, 'POST', '/v1/manifest/apply', { body, headers, signal }),
      signal,
    );
  }

  async function submit(
    body: ApplyBody,
    options: { key?: string; signal?: AbortSignal } = {},
  ): Promise<{ kind: 'published'; published: Published } | { kind: 'waiting'; status: WaitingApply }> {
    const key = options.key ?? randomId();
    const deadline = performance.now() + APPLY_DEADLINE_MS;
    let status = await request(body, key, options.signal);
    for (let attempt = 0; status.state === 'pending'; attempt++) {
      if (performance.now() > deadline) throw new ApiProblem(problem('unavailable', stillPending(status.id)));
      await pause(backoffMs(attempt), options.signal);
      options.signal?.throwIfAborted();
      status = await poll(http, status, options.signal);
    }
    const { state } = status;
    if (state === 'awaiting_approval' || state === 'scheduled')
      return { kind: 'waiting', status: { ...status, state } };
    return { kind: 'published', published: settled(status) };
  }

  return {
    /** Resolves when the revision is published (or nothing differed). @throws ApiProblem with the issues when refused, or when it waits. */
    async apply(body: ApplyBody, options: { key?: string; signal?: AbortSignal } = {}): Promise<Published> {
      const outcome = await submit(body, options);
      if (outcome.kind === 'published') return outcome.published;
      throw new ApiProblem(problem('conflict', waitingSentence(outcome.status)));
    },

    /** The same, where waiting for people or for a time is an outcome, too. @throws ApiProblem when refused */
    submit,

    /** What an Apply with this body would come to; changes nothing. */
    validate(body: ApplyBody): Promise<Validation> {
      return http.call(Validation, 'POST', '/v1/manifest/validate', { body });
    },

    /** Newest first; `before` is a sequence. */
    revisions(query: { before?: number; limit?: number } = {}): Promise<RevisionPage> {
      return http.call(RevisionPage, 'GET', '/v1/manifest/revisions', { query });
    },

    /** By its label. */
    revision(label: string): Promise<Revision> {
      return http.call(Revision, 'GET', `/v1/manifest/revisions/${label}`);
    },

    /** The TOML of a revision, as it was published. */
    async body(label: string): Promise<string> {
      return bodyText(await http.send('GET', `/v1/manifest/revisions/${label}/manifest.toml`));
    },

    /** Of labels: `v0` is the empty manifest. Without `from` what `to` changed, without `to` what the latest did. */
    diff(from?: string, to?: string): Promise<ManifestDiff> {
      return http.call(ManifestDiff, 'GET', '/v1/manifest/diff', { query: { from, to } });
    },

    async latest({ etag, waitS, signal }: LatestQuery = {}): Promise<Latest> {
      const headers: Record<string, string> = etag === undefined ? {} : { 'if-none-match': etag };
      const timeoutMs = (waitS ?? 0) * 1000 + LATEST_GRACE_MS;
      const options = { headers, query: { wait: waitS }, signal, timeoutMs };
      try {
        const response = await http.send('GET', '/v1/manifest/latest', options);
        return response.status === 304 ? { kind: 'unchanged' } : await manifestOf(response);
      } catch (error) {
        if (error instanceof ApiProblem && error.problem.code === 'not_found') return { kind: 'none' };
        throw error;
      }
    },

    /** Every revision published from now on, or after `options.after`, across reconnections. Ends with the signal. */
    events: (options: EventOptions = {}) => appliedEvents(http, options),

    /** Writes `hakiri.toml` (or JSON) into the document, as edits. `replace` deletes what the file does not hold. */
    import(text: string, options: ImportOptions): Promise<ImportResult> {
      const { doc, format, mode, dryRun, digest } = options;
      return http.call(ImportResult, 'POST', '/v1/manifest/import', {
        body: text,
        contentType: format === 'toml' ? 'application/toml' : 'application/json',
        query: { doc, mode, dryRun, digest },
        timeoutMs: MERGE_TIMEOUT_MS,
      });
    },

    /** Merges a folder of files over what it had last; applies nothing. @throws ApiProblem `merge_conflict` with the conflicts */
    merge(body: MergeBody): Promise<MergeResult> {
      return http.call(MergeResult, 'POST', '/v1/manifest/merge', { body, timeoutMs: MERGE_TIMEOUT_MS });
    },

    /** A JSON Merge Patch (RFC 7396). With `since`, a version, only if nobody touched the pipeline after it: else `precondition_failed`. */
    patchPipeline(
      id: string,
      patch: unknown,
      { doc, since }: { doc?: string; since?: string } = {},
    ): Promise<PipelineView> {
      return http.call(PipelineView, 'PATCH', `/v1/manifest/pipelines/${encodeURIComponent(id)}`, {
        body: JSON.stringify(patch),
        contentType: MERGE_PATCH_TYPE,
        query: { doc },
        headers: since === undefined ? {} : { 'if-match': `"${since}"` },
      });
    },

    /** The document as it is now, applied or not, as `hakiri.toml` or JSON. */
    async export(query: { doc?: string; format?: 'toml' | 'json' } = {}): Promise<string> {
      return bodyText(await http.send('GET', '/v1/manifest/export', { query }));
    },

    /** How the document differs from what was last applied of it. */
    async pending(doc?: string): Promise<PendingChanges> {
      let all: PendingChanges | undefined;
      for (let after: string | undefined; ; ) {
        const query = { doc, after };
        const { next, ...page } = await http.call(PendingPage, 'GET', '/v1/manifest/pending', { query });
        all ??= { ...page, pipelines: [], variables: [] };
        all.pipelines.push(...page.pipelines);
        all.variables.push(...page.variables);
        if (next === undefined) return all;
        after = next;
      }
    },

    /** Writes what was last applied back into the document; again it changes nothing. */
    discard(body: DiscardBody): Promise<DiscardResult> {
      return http.call(DiscardResult, 'POST', '/v1/manifest/discard', { body });
    },

    /** Entries of an earlier revision back into the documents; with `apply` live again. @throws ApiProblem with the issues */
    revert(body: RevertBody, options: { key?: string } = {}): Promise<RevertResult> {
      const headers: Record<string, string> = body.apply
        ? { [IDEMPOTENCY_HEADER]: options.key ?? randomId(), prefer: `wait=${APPLY_WAIT_S}` }
        : {};
      return repeated(() => http.call(RevertResult, 'POST', '/v1/manifest/revert', { body, headers }));
    },

    /** The document as plain data with the version that an Apply may name. */
    document(doc: string): Promise<DocumentView> {
      return http.call(DocumentView, 'GET', `/v1/docs/${encodeURIComponent(doc)}`);
    },

    /** One pipeline of it, by id or key, with that version: for a token that may read just this one. */
    pipeline(doc: string, id: string): Promise<PipelineView> {
      const path = `/v1/docs/${encodeURIComponent(doc)}/pipelines/${encodeURIComponent(id)}`;
      return http.call(PipelineView, 'GET', path);
    },
  };
}

async function poll(http: Http, status: ApplyStatus, signal?: AbortSignal): Promise<ApplyStatus> {
  try {
    const path = `/v1/manifest/requests/${encodeURIComponent(status.id)}`;
    return await http.call(ApplyStatus, 'GET', path, { signal });
  } catch (error) {
    if (mayPass(error)) return status;
    throw error;
  }
}

function settled(status: ApplyStatus): Published {
  if (status.state === 'refused' && status.problem) throw new ApiProblem(status.problem);
  if (status.state !== 'published' || !status.revision)
    throw new UnexpectedAnswer(
      `The apply ${status.id} is ${status.state}, but the answer does not say with what.`,
    );
  return { revision: status.revision, unchanged: status.unchanged ?? false, warnings: status.warnings };
}

async function manifestOf(response: Response): Promise<Latest> {
  const revision = response.headers.get(REVISION_HEADER);
  const sequence = Number(response.headers.get(SEQUENCE_HEADER));
  const etag = response.headers.get('etag');
  if (revision === null || !Number.isInteger(sequence) || sequence < 1 || etag === null)
    throw new UnexpectedAnswer('The latest manifest came without its name or its ETag.');
  return { kind: 'manifest', revision, sequence, etag, toml: await bodyText(response) };
}

/** What it waits for, and how that is told to people. */
export function waitingSentence({ id, dueAt, approval }: WaitingApply): string {
  if (dueAt !== undefined) return `The apply ${id} goes live at ${dueAt}, unless somebody cancels it.`;
  const needs = (approval?.needs ?? [])
    .filter(({ approvals, given }) => given < approvals)
    .map(({ group, approvals, given }) => `${group || 'everything'} (${given} of ${approvals})`);
  return `The apply ${id} waits for approval of ${needs.join(', ')}. Tell somebody who may approve it.`;
}

function stillPending(id: string): string {
  return `The apply ${id} was accepted and is not finished yet. Look at the revisions in a minute: it will go on by itself.`;
}
