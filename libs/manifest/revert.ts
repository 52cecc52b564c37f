// Taking back what was applied: what to write into each document so that entries of an earlier revision are there again. Pure.
import type {
  ConfigDraft,
  ConfigIssue,
  ManifestConfig,
  PipelineDraft,
  VariableDraft,
} from '@hakiri/contracts/config';
import type { Scope } from '@hakiri/contracts/scope';
import { canonicalPipeline, canonicalVariable, compareText, documentOf } from './canonical.ts';
import { withoutDocument } from './documents.ts';
import { issue, pointer } from './issue.ts';
import { suggesting } from './nearest.ts';
import { upstreamOf } from './revert-upstream.ts';
import { variablesToReturn } from './revert-variables.ts';

export type RevertSubject = {
  to: ManifestConfig;
  latest: ManifestConfig;
  /** Of `to`. */
  label: string;
  /** That `to` was applied from: it is known, also when nothing was in it. */
  appliedFrom: string;
  /** Write this document alone. */
  only: string | undefined;
  /** Pipelines by key; undefined is the whole. */
  keys: ReadonlySet<string> | undefined;
};

export type DocumentRevert = {
  doc: string;
  put: PipelineDraft[];
  putVariables: VariableDraft[];
  delete: string[];
  deleteVariables: string[];
  before: ConfigDraft;
  after: ConfigDraft;
  /** What an Apply takes that makes it live; undefined when there is nothing to apply. */
  scope: Scope | undefined;
};

/** Names are keys, or ids in `to`, or else ids in `latest`: so that what was renamed since is found by either. */
export function revertedKeys(
  { to, latest, label, only }: Omit<RevertSubject, 'keys' | 'appliedFrom'>,
  names: readonly string[],
): { keys: Set<string>; issues: ConfigIssue[] } {
  const then = new Map(to.pipelines.map((pipeline) => [pipeline.key, pipeline]));
  const idThen = new Map(to.pipelines.map(({ id, key }) => [id, key]));
  const idNow = new Map(latest.pipelines.map(({ id, key }) => [id, key]));
  const keys = new Set<string>();
  const issues: ConfigIssue[] = [];
  for (const [index, name] of names.entries()) {
    const path = pointer('pipelines', String(index));
    const found = then.get(name) ?? then.get(idThen.get(name) ?? idNow.get(name) ?? '');
    if (found === undefined) {
      const message = `${label} has no pipeline \`${name}\`. To take away one that came later, delete it or revert the whole.`;
      issues.push(suggesting(issue(path, 'revert.unknown_pipeline', message), name, idThen.keys()));
    } else if (only !== undefined && documentOf(found) !== only) {
      const message = `\`${name}\` is of the document ${documentOf(found)} in ${label}: leave \`doc\` out.`;
      issues.push(issue(path, 'revert.other_document', message));
    } else keys.add(found.key);
  }
  return { keys, issues };
}

/** Documents that the revert writes or has to look at, besides those that a move took pipelines to. */
export function revertedDocuments({ to, latest, appliedFrom, only, keys }: RevertSubject): string[] {
  const isWanted = ({ key }: { key: string }) => keys === undefined || keys.has(key);
  const wanted = to.pipelines.filter(
    (entry) => isWanted(entry) && (only ?? documentOf(entry)) === documentOf(entry),
  );
  const own = new Set(wanted.map(({ key }) => key));
  const isWhole = keys === undefined && only === undefined;
  const entries = [
    ...wanted,
    ...(isWhole ? to.variables : []),
    ...latest.pipelines.filter(({ key }) => isWhole || own.has(key)),
    ...(isWhole ? latest.variables : []),
  ];
  const named = only === undefined ? (isWhole ? [appliedFrom] : []) : [only];
  return [...new Set([...named, ...entries.map(documentOf)])].sort(compareText);
}

/** `currents` are the documents as they are now. Documents that get entries come before those that only lose some. */
export function planRevert(
  subject: RevertSubject,
  currents: ReadonlyMap<string, ConfigDraft>,
  newKey: () => string,
): { documents: DocumentRevert[]; issues: ConfigIssue[] } {
  const { to, latest, label, appliedFrom, only, keys } = subject;
  const isWanted = (key: string) => keys === undefined || keys.has(key);
  const homes = new Map(
    to.pipelines.filter(({ key }) => isWanted(key)).map((entry) => [entry.key, documentOf(entry)]),
  );
  const known = new Set([
    appliedFrom,
    ...[...to.pipelines, ...to.variables, ...latest.pipelines, ...latest.variables].map(documentOf),
  ]);
  const issues: ConfigIssue[] = [];
  const documents: DocumentRevert[] = [];
  for (const [doc, draft] of currents) {
    const isWritable = only === undefined || doc === only;
    const isWhole = keys === undefined && isWritable && known.has(doc);
    const before = canonicalDraft(draft);
    const own = canonicalDraft({
      pipelines: isWritable ? to.pipelines.filter(({ key }) => homes.get(key) === doc) : [],
      variables: to.variables.filter((entry) => documentOf(entry) === doc),
    });
    const elsewhere = before.pipelines.filter(({ key }) => (homes.get(key) ?? doc) !== doc);
    // With one document alone, a pipeline that was moved since cannot be in its place again without being lost or doubled.
    for (const { id, key } of elsewhere) {
      const home = homes.get(key) ?? doc;
      if (only === undefined || (home !== only && doc !== only)) continue;
      const message = `\`${id}\` was in the document ${home} in ${label} and is in ${doc} now: leave \`doc\` out to take it back.`;
      issues.push(issue(pointer('pipelines', String(id)), 'revert.moved_since', message));
    }
    if (!isWritable) continue;
    const ownKeys = new Set(own.pipelines.map(({ key }) => key));
    const removed = isWhole ? before.pipelines.filter(({ key }) => !ownKeys.has(key)) : elsewhere;
    const put = different(own.pipelines, before.pipelines);
    const variables = variablesToReturn(
      { doc, label, to, latest, restored: own.pipelines, isWhole },
      before,
      newKey,
    );
    issues.push(...variables.issues);
    const edits = {
      put,
      putVariables: different(variables.put, before.variables),
      delete: removed.map(({ key }) => key),
      deleteVariables: variables.delete,
    };
    const isLive =
      isSameLive(subject, doc, ownKeys, isWhole) && Object.values(edits).every(({ length }) => length === 0);
    documents.push({
      doc,
      ...edits,
      before,
      after: edited(before, edits),
      scope: isLive ? undefined : scopeOf(isWhole, [...ownKeys]),
    });
  }
  issues.push(...upstreamOf(subject, homes, documents));
  documents.sort((a, b) => Number(a.put.length === 0) - Number(b.put.length === 0));
  return { documents, issues };
}

function scopeOf(isWhole: boolean, keys: string[]): Scope | undefined {
  if (isWhole) return { kind: 'all' };
  return keys.length === 0 ? undefined : { kind: 'pipelines', pipelines: keys };
}

/** What is applied of it is as it was in `to`. */
function isSameLive(
  { to, latest }: RevertSubject,
  doc: string,
  keys: ReadonlySet<string>,
  isWhole: boolean,
): boolean {
  const part = ({ pipelines, variables }: ManifestConfig) =>
    JSON.stringify([
      pipelines.filter((entry) => (isWhole ? documentOf(entry) === doc : keys.has(entry.key))),
      isWhole ? variables.filter((entry) => documentOf(entry) === doc) : [],
    ]);
  return part(to) === part(latest);
}

function edited(
  { pipelines, variables }: ConfigDraft,
  edits: Pick<DocumentRevert, 'put' | 'putVariables' | 'delete' | 'deleteVariables'>,
): ConfigDraft {
  return {
    pipelines: replaced(pipelines, edits.put, edits.delete),
    variables: replaced(variables, edits.putVariables, edits.deleteVariables),
  };
}

function replaced<Entry extends { key: string }>(
  entries: readonly Entry[],
  put: readonly Entry[],
  gone: readonly string[],
): Entry[] {
  const byKey = new Map(entries.map((entry) => [entry.key, entry]));
  for (const key of gone) byKey.delete(key);
  for (const entry of put) byKey.set(entry.key, entry);
  return [...byKey.values()];
}

function different<Entry extends { key: string }>(
  wanted: readonly Entry[],
  there: readonly Entry[],
): Entry[] {
  const byKey = new Map(there.map((entry) => [entry.key, JSON.stringify(entry)]));
  return wanted.filter((entry) => byKey.get(entry.key) !== JSON.stringify(entry));
}

/** As a document holds it, comparable as text. */
function canonicalDraft(draft: ConfigDraft): ConfigDraft {
  const { pipelines, variables } = withoutDocument(draft);
  return { pipelines: pipelines.map(canonicalPipeline), variables: variables.map(canonicalVariable) };
}
