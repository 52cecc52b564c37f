// Looks at documents, plans and writes, until a look finds nothing left to write. At the version of that look is what was planned
// there, and nothing that nobody has looked at: whatever people edited in between was read by it. What they touch between a look and
// its write is not written over, but left to the next look.
import type { AuditRecord } from '@hakiri/contracts/auth';
import type { ConfigDraft } from '@hakiri/contracts/config';
import { ProblemError } from '@hakiri/contracts/problem';
import type { EditRequest } from '@hakiri/contracts/sync';
import type { Cause } from '@hakiri/service/messaging';
import type { Store } from '../store/store.ts';
import type { DocumentWriter } from './document-writer.ts';
import { countEntries, type Entries, guardedBatches } from './edit-batches.ts';
import { isMovedSince } from './moved-since.ts';
import type { Target } from './outline.ts';
import { planDigest } from './plan-digest.ts';

export type LookedAt = {
  target: Target;
  /** As it is at `version`, in the form that `entries` were compared with. */
  draft: ConfigDraft;
  version: string;
  /** That differ, and are to be written. */
  entries: Entries;
};
/** What was planned, and for which documents; none when it came to nothing. */
export type Look<Plan> = { plan: Plan; documents: LookedAt[] };
export type PlannedWrite<Plan> = {
  dryRun: boolean;
  /** The digest of the dry run that its caller has seen: anything else is refused, and what somebody edits meanwhile left as it is. */
  seen?: string | undefined;
  /** @throws ProblemError: then nothing more is written */
  look(hasWritten: boolean): Promise<Look<Plan>>;
  action: AuditRecord['action'];
  detail(plan: Plan, doc: string): Record<string, unknown>;
  /** Said of a failure: what did not happen, and how to repeat it. */
  words: { nothing: string; again: string };
};
/** `digest`: of a dry run. */
export type Settled<Plan> = { plan: Plan; documents: Map<string, SettledDocument>; digest?: string };
export type SettledDocument = {
  /** Of the last look: nothing but what was planned at it differs from `before`. */
  version: string;
  /** The document of the last look, with each entry that was written as it was when it was looked at for that. */
  before: ConfigDraft;
  /** Written, or to be written by another than a dry run. */
  updates: number;
};

/** While people go on editing the very entries that are written. The last only sees what the write before came to. */
const LOOKS_LIMIT = 4;
const MOVED =
  'What it would change is not what you looked at: somebody edited that meanwhile, or some of it is done already.';
const REST = 'Somebody edited that while it was written: theirs stays as it is, the rest is written.';
const LOOK_AGAIN = 'Look at it again with a dry run, then repeat it with the digest of that.';

export type WritePlanned = ReturnType<typeof createWritePlanned>;

export function createWritePlanned(deps: {
  writer: Pick<DocumentWriter, 'write'>;
  store: Pick<Store, 'audit'>;
  onAudited(): void;
}) {
  const { writer, store } = deps;

  /** `isMoved` is false when the document is as it was looked at, so that it takes no more of it. @throws ProblemError */
  async function write<Plan>(
    { action, detail, words }: PlannedWrite<Plan>,
    plan: Plan,
    { target, entries, version }: LookedAt,
    batches: readonly EditRequest[],
    cause: Cause,
  ): Promise<{ isMoved: boolean; changed: number }> {
    const { failure, version: after, ...written } = await writer.write(target, batches, cause, words.again);
    await store.audit(target.team, cause, {
      action,
      // Of what sync did not answer nobody knows whether it was written.
      outcome: failure && failure.code !== 'unavailable' && written.batches === 0 ? 'refused' : 'done',
      target: target.doc,
      detail: {
        ...detail(plan, target.doc),
        entries: countEntries(entries),
        written,
        ...(failure ? { of: batches.length, code: failure.code } : {}),
      },
    });
    deps.onAudited();
    if (failure) throw failure;
    return { isMoved: written.changed > 0 || after !== version, changed: written.changed };
  }

  /** @throws ProblemError */
  return async function writePlanned<Plan>(job: PlannedWrite<Plan>, cause: Cause): Promise<Settled<Plan>> {
    const past = new Map<string, Past>();
    const first = new Map<string, LookedAt>();
    let changes = 0;
    for (let looks = 1; ; looks++) {
      const { plan, documents } = await job.look(looks > 1);
      // Who asks again after no answer may find all of it done.
      const isDone = documents.every(({ entries }) => countEntries(entries) === 0);
      if (looks === 1 && !isDone && job.seen !== undefined && job.seen !== (await planDigest(documents)))
        throw new ProblemError('document_moved', `${MOVED} ${job.words.nothing} ${LOOK_AGAIN}`);
      if (job.seen !== undefined)
        refuseMoved(first, documents, changes > 0 ? REST : `${MOVED} ${job.words.nothing}`);
      const planned = documents.map((document) => ({ document, batches: batchesOf(document, job) }));
      for (const { document, batches } of planned) remember(past, document, batches.length);
      const settled = { plan, documents: settledOf(past) };
      const left = planned.filter(({ batches }) => batches.length > 0);
      if (job.dryRun) return { ...settled, digest: await planDigest(documents) };
      if (left.length === 0) return settled;
      if (looks === LOOKS_LIMIT)
        throw new ProblemError(
          'conflict',
          `People go on editing the very entries that are written. What was written before is in the document, and nothing went live. ${job.words.again}`,
        );
      let isMoved = false;
      for (const { document, batches } of left) {
        const written = await write(job, plan, document, batches, cause);
        isMoved ||= written.isMoved;
        changes += written.changed;
      }
      // What a document cannot hold (a step that is another pipeline's already) differs for ever.
      if (!isMoved) return settled;
    }
  };
}

/** @throws ProblemError when what is left of a document is not what `first` has of it, which a first look fills. */
function refuseMoved(first: Map<string, LookedAt>, documents: readonly LookedAt[], what: string): void {
  const isFirst = first.size === 0;
  for (const document of documents) {
    const { doc } = document.target;
    const seen = first.get(doc);
    if (isFirst) first.set(doc, document);
    else if (seen ? isMovedSince(seen, document) : countEntries(document.entries) > 0)
      throw new ProblemError('document_moved', `${what} ${LOOK_AGAIN}`);
  }
}

/** What was looked at last, and what of it was written over on the way. */
type Past = {
  now: LookedAt;
  pipelines: Overlay<ConfigDraft['pipelines'][number]>;
  variables: Overlay<ConfigDraft['variables'][number]>;
  updates: number;
};
/** By key: as it was, or undefined where there was none. */
type Overlay<Entry> = Map<string, Entry | undefined>;

/** @throws ProblemError */
function batchesOf<Plan>({ entries, draft, version }: LookedAt, { words }: PlannedWrite<Plan>) {
  const edits = guardedBatches(entries, draft, version);
  if (edits.kind === 'batches') return edits.batches;
  throw new ProblemError(
    'too_large',
    `${edits.id} alone is larger than ${edits.limitBytes} bytes. ${words.nothing}`,
  );
}

function remember(past: Map<string, Past>, now: LookedAt, updates: number): void {
  const { doc } = now.target;
  const before = past.get(doc) ?? { now, pipelines: new Map(), variables: new Map(), updates: 0 };
  const { put, putVariables, delete: deleted, deleteVariables } = now.entries;
  note(before.pipelines, now.draft.pipelines, [...put.map(({ key }) => key), ...deleted]);
  note(before.variables, now.draft.variables, [...putVariables.map(({ key }) => key), ...deleteVariables]);
  past.set(doc, { ...before, now, updates: before.updates + updates });
}

function note<Entry extends { key: string }>(
  overlay: Overlay<Entry>,
  entries: readonly Entry[],
  written: readonly string[],
): void {
  if (written.length === 0) return;
  const there = new Map(entries.map((entry) => [entry.key, entry]));
  for (const key of written) overlay.set(key, there.get(key));
}

function settledOf(past: ReadonlyMap<string, Past>): Map<string, SettledDocument> {
  return new Map(
    [...past].map(([doc, { now, pipelines, variables, updates }]) => [
      doc,
      {
        version: now.version,
        before: {
          pipelines: laidOver(now.draft.pipelines, pipelines),
          variables: laidOver(now.draft.variables, variables),
        },
        updates,
      },
    ]),
  );
}

function laidOver<Entry extends { key: string }>(
  entries: readonly Entry[],
  overlay: Overlay<Entry>,
): Entry[] {
  if (overlay.size === 0) return [...entries];
  const kept = new Set(entries.map(({ key }) => key));
  const was = entries.flatMap((entry) => (overlay.has(entry.key) ? (overlay.get(entry.key) ?? []) : entry));
  return [...was, ...[...overlay].flatMap(([key, entry]) => (kept.has(key) ? [] : (entry ?? [])))];
}
