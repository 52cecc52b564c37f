// Merges a folder of files into a document, three ways: all of it checked before any of it is written, and nothing while there is
// a conflict. What people edit in between is merged anew, and never written over.
import { present } from '@hakiri/base/assert';
import type { DroppedComments } from '@hakiri/contracts/apply';
import type { ConfigDraft, ConfigIssue } from '@hakiri/contracts/config';
import { type FolderFile, MERGE_LIST_LIMIT, type MergeBody, type MergeResult } from '@hakiri/contracts/merge';
import { Key } from '@hakiri/contracts/names';
import { type MergeConflict, ProblemError } from '@hakiri/contracts/problem';
import { parseLabel } from '@hakiri/contracts/revision';
import { SCOPE_NAMES_LIMIT, type Scope } from '@hakiri/contracts/scope';
import { documentOf } from '@hakiri/manifest/canonical';
import { diffInPieces } from '@hakiri/manifest/diff';
import { foreignEntries, withoutDocument } from '@hakiri/manifest/documents';
import { type FolderPending, folderPending } from '@hakiri/manifest/folder-scope';
import { mergeThreeWay, type ThreeWay } from '@hakiri/manifest/three-way';
import { validateConfig } from '@hakiri/manifest/validate';
import type { Cause } from '@hakiri/service/messaging';
import type { Slices } from '@hakiri/service/slices';
import type { Clock } from '@hakiri/substrate/clock';
import type { Random } from '@hakiri/substrate/random';
import type { Revisions } from '../delivery/revisions.ts';
import type { Outlook } from '../requests/outlook.ts';
import type { Store } from '../store/store.ts';
import type { DocumentWriter } from './document-writer.ts';
import { readFolder, refuseUnfit } from './folder-files.ts';
import { refuseMisfits } from './misfits.ts';
import type { Target } from './outline.ts';
import type { Look, WritePlanned } from './planned-write.ts';

export type Merger = ReturnType<typeof createMerger>;
export type Merge =
  | { kind: 'merged'; result: MergeResult }
  /** `more` than are listed. */
  | { kind: 'conflicts'; detail: string; conflicts: MergeConflict[] };

/** For the one that a folder's last files went live with. */
const REVISIONS_LOOKED_AT = 100;
const KEY = new RegExp(Key.pattern ?? '');
const EDITED =
  'Somebody edited while it was written: what else differs is in the document, and nothing went live.';
const WORDS = { nothing: 'Nothing was merged.', again: 'Merge the same files again: that is safe.' };

export function createMerger(deps: {
  writer: Pick<DocumentWriter, 'read' | 'tryWrite'>;
  outlook: Outlook;
  revisions: Pick<Revisions, 'get' | 'config' | 'page'>;
  store: Pick<Store, 'folderBase' | 'keepFolderBase'>;
  writePlanned: WritePlanned;
  random: Random;
  clock: Clock;
  slices: Slices;
}) {
  const { writer, outlook, revisions, store, writePlanned, random, clock, slices } = deps;

  async function baseOf(target: Target, { folder, base }: MergeBody): Promise<Base> {
    if (base === undefined) {
      const note = await store.folderBase({ ...target, folder });
      if (note === undefined)
        return { told: { kind: 'none' }, files: { pipelines: [], variables: [] }, deleted: [] };
      const { version, atMs, files, deleted } = note;
      const at = new Date(atMs).toISOString();
      const { revisions: newest } = await revisions.page(target.team, undefined, REVISIONS_LOOKED_AT);
      const applied = newest.find((one) => one.doc === target.doc && one.version === version)?.label;
      const revision = applied ?? note.revision;
      return {
        told: { kind: 'note', version, at, ...(revision === null ? {} : { revision }) },
        files,
        deleted,
      };
    }
    if ('files' in base)
      return {
        told: { kind: 'files' },
        files: (await slices.perform(parse(base.files, target.doc))).draft,
        deleted: [],
      };
    const revision = await revisions.get(target.team, parseLabel(base.revision));
    const { pipelines, variables } = await revisions.config(target.team, revision);
    const isOwn = (entry: { doc?: unknown }): boolean => documentOf(entry) === target.doc;
    const files = withoutDocument({ pipelines: pipelines.filter(isOwn), variables: variables.filter(isOwn) });
    return { told: { kind: 'revision', revision: revision.label }, files, deleted: [] };
  }

  /** The three sides as they are now, and what an Apply of it would come to. @throws ProblemError */
  async function look(
    target: Target,
    { base, files, withDrafts }: Merging,
    hasWritten: boolean,
    cause: Cause,
  ): Promise<Look<Looked>> {
    const live = await outlook.live(target.team);
    const { draft, version } = await writer.read(target, cause);
    const newKey = (): string => random.ulid(clock.now());
    const theirs = withoutDocument(draft);
    const plan = await slices.perform(mergeThreeWay(base.files, files, theirs, newKey));
    if (plan.conflicts.length > 0) return { plan: conflictsOf(plan, hasWritten), documents: [] };
    refuseKeys(plan.files);
    const folderSides = { files: plan.files, base: base.files, deleted: base.deleted };
    const pending = await slices.perform(folderPending(folderSides, plan.after, live.config, target.doc));
    const scope = scopeOf(withDrafts ? [...pending.pipelines, ...pending.held] : pending.pipelines);
    const outcome = scope && (await outlook.apply(target, live, scope, plan.after, version, cause));
    if (outcome?.kind === 'invalid')
      throw new ProblemError(
        'invalid_config',
        `${hasWritten ? EDITED : WORDS.nothing} An Apply of it would be refused. Mend what \`issues\` lists.`,
        outcome.issues,
      );
    await slices.perform(refuseMisfits(plan.put, plan.putVariables, []));
    const keysOf = (entries: readonly { key: string }[]): string[] => entries.map(({ key }) => key);
    const entries = {
      put: plan.put,
      putVariables: plan.putVariables,
      delete: keysOf(plan.deleted),
      deleteVariables: keysOf(plan.deletedVariables),
    };
    const warnings = outcome?.warnings ?? [];
    const revision = live.revision?.label ?? null;
    return {
      plan: { kind: 'planned', plan, scope, pending, warnings, revision },
      documents: [{ target, draft: theirs, version, entries }],
    };
  }

  return {
    /** @throws ProblemError: nothing is written, unless it says so */
    merge: async (target: Target, body: MergeBody, cause: Cause): Promise<Merge> => {
      const { folder, dryRun = false, withDrafts = false } = body;
      const { draft: files, comments } = await slices.perform(parse(body.files, target.doc));
      const base = await baseOf(target, body);
      refuseOtherFolder(base, files, folder);
      const settled = await writePlanned(
        {
          ...{ dryRun, action: 'doc.merge', words: WORDS, detail: () => ({ folder }) },
          look: (hasWritten) => look(target, { base, files, withDrafts }, hasWritten, cause),
        },
        cause,
      );
      if (settled.plan.kind === 'conflicts') return settled.plan;
      const { plan, scope, pending, warnings, revision } = settled.plan;
      const { version, before, updates } = present(settled.documents.get(target.doc), 'it was looked at');
      if (dryRun && updates > 0) await writer.tryWrite(target, cause, WORDS.nothing);
      if (!dryRun) {
        const { deleted } = pending;
        const note = { files: plan.files, deleted, version, revision, by: cause.actor.id, atMs: clock.now() };
        await store.keepFolderBase({ ...target, folder }, note);
      }
      const diff = await slices.perform(diffInPieces(before, plan.after));
      const result: MergeResult = {
        doc: target.doc,
        folder,
        dryRun,
        base: base.told,
        diff: { from: 'document', to: 'merged', ...diff },
        drafts: pending.drafts
          .slice(0, MERGE_LIST_LIMIT)
          .map((draft) => ({ ...draft, applied: draft.applied || withDrafts })),
        differs: pending.differs.slice(0, MERGE_LIST_LIMIT),
        gone: plan.gone.slice(0, MERGE_LIST_LIMIT),
        warnings,
        comments,
        version,
        ...(scope === undefined ? {} : { scope }),
      };
      return { kind: 'merged', result };
    },
  };
}

type Base = { told: MergeResult['base']; files: ConfigDraft; deleted: string[] };
type Merging = { base: Base; files: ConfigDraft; withDrafts: boolean };
type Looked =
  | Extract<Merge, { kind: 'conflicts' }>
  | {
      kind: 'planned';
      plan: ThreeWay;
      scope: Scope | undefined;
      pending: FolderPending;
      warnings: ConfigIssue[];
      /** That is live. */
      revision: string | null;
    };

/** @throws ProblemError */
function* parse(
  files: readonly FolderFile[],
  doc: string,
): Generator<undefined, { draft: ConfigDraft; comments: DroppedComments[] }> {
  refuseUnfit(files);
  const read = yield* readFolder(files);
  const issues = read.kind === 'refused' ? read.issues : foreignEntries(read.draft, doc);
  if (read.kind === 'refused' || issues.length > 0)
    throw new ProblemError('invalid_config', 'Nothing was merged. Mend what `issues` lists.', issues);
  return { draft: withoutDocument(read.draft), comments: read.comments };
}

/** Two folders under one name would delete each other's pipelines. @throws ProblemError */
function refuseOtherFolder({ told, files: base }: Base, files: ConfigDraft, folder: string): void {
  if (told.kind !== 'note' || base.pipelines.length === 0) return;
  const known = new Set<unknown>(base.pipelines.flatMap(({ key, id }) => [key, id]));
  if (files.pipelines.some(({ key, id }) => known.has(key) || known.has(id))) return;
  throw new ProblemError(
    'conflict',
    `None of the ${base.pipelines.length} pipelines that the folder ${folder} had is in these files. Give another folder another name; to delete them all, delete them in the document.`,
  );
}

function conflictsOf({ conflicts }: ThreeWay, hasWritten: boolean): Extract<Merge, { kind: 'conflicts' }> {
  const more = conflicts.length > MERGE_LIST_LIMIT ? `, the first ${MERGE_LIST_LIMIT} of them listed` : '';
  const state = hasWritten ? EDITED : 'Nothing was written, and nothing went live.';
  const detail = `${conflicts.length} conflicts between the files and the document${more}. ${state} Make both say the same, in the files or in the document, then merge again.`;
  return { kind: 'conflicts', detail, conflicts: conflicts.slice(0, MERGE_LIST_LIMIT) };
}

/** Which keys there are is cheap to see; what is wrong with one, validation says. @throws ProblemError */
function refuseKeys(files: ConfigDraft): void {
  const seen = new Set<string>();
  const isOdd = ({ key }: { key: string }): boolean => {
    const isKnown = seen.has(key);
    seen.add(key);
    return isKnown || !KEY.test(key);
  };
  if (![...files.pipelines, ...files.variables].some(isOdd)) return;
  const keys = validateConfig(files).issues.filter(({ path }) => path.endsWith('/key'));
  if (keys.some(({ severity }) => severity === 'error'))
    throw new ProblemError('invalid_config', 'Nothing was merged. Mend what `issues` lists.', keys);
}

/** Of more than a scope may name: all of the document. */
function scopeOf(pending: readonly string[]): Scope | undefined {
  if (pending.length === 0) return undefined;
  return pending.length > SCOPE_NAMES_LIMIT
    ? { kind: 'all' }
    : { kind: 'pipelines', pipelines: [...pending] };
}
