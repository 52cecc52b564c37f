// Takes a discard back: writes what was discarded into the document again, as an edit like any other. What somebody changed since
// stays as it is: nobody's newer value is undone.
import { isRecord, jsonEqual } from '@hakiri/base/json';
import { readPipeline, readVariables } from '@hakiri/config-doc/read';
import { applyEdit } from '@hakiri/config-doc/reconcile';
import type { PipelineDraft, VariableDraft } from '@hakiri/contracts/config';
import type { PendingChange } from '@hakiri/contracts/pending';
import { asJson } from '@hakiri/manifest/canonical';
import type { LoroDoc } from 'loro-crdt';
import { pointerParts } from '../parts/diff-values.ts';

/** What is about to be discarded, as it is in the document. */
export type ToBeDiscarded =
  | { root: 'pipelines'; change: PendingChange; draft: PipelineDraft | undefined }
  | { root: 'variables'; change: PendingChange; draft: VariableDraft | undefined };
/** `version`: the document's after the discard. */
export type Discarded = ToBeDiscarded & { version: string };

/** How many entries are as they were again. */
export function undoDiscard(doc: LoroDoc, discarded: readonly Discarded[]): number {
  const put: PipelineDraft[] = [];
  const putVariables: VariableDraft[] = [];
  /** What the discard brought back, and where the document was then: who worked in it since keeps it. */
  const gone = new Map<string, { pipelines: string[]; variables: string[] }>();
  const variables = new Map(readVariables(doc).map((draft) => [draft.key, draft]));
  for (const item of discarded) {
    const { key } = item.change;
    const goes = gone.get(item.version) ?? { pipelines: [], variables: [] };
    gone.set(item.version, goes);
    if (item.root === 'pipelines') {
      const back = broughtBack(item.change, item.draft, readPipeline(doc, key));
      if (back === 'delete') goes.pipelines.push(key);
      else if (back) put.push(back);
    } else {
      const back = broughtBack(item.change, item.draft, variables.get(key));
      if (back === 'delete') goes.variables.push(key);
      else if (back) putVariables.push(back);
    }
  }
  const nothing = { put: [], putVariables: [], delete: [], deleteVariables: [] };
  // The deletions first: they ask what was touched since, and what is written here is nobody else's touch.
  const counts = [...gone].map(([since, { pipelines, variables: deleteVariables }]) =>
    applyEdit(doc, {
      ...nothing,
      deleteUnchanged: { since, pipelines },
      deleteVariables,
      variablesSince: since,
    }),
  );
  counts.push(applyEdit(doc, { ...nothing, put, putVariables }));
  doc.commit({ origin: 'undo-discard' });
  return counts.reduce((sum, count) => sum + count, 0);
}

/** What is to be written; undefined when nothing is. */
export function broughtBack<Draft extends { key: string }>(
  change: PendingChange,
  draft: Draft | undefined,
  now: Draft | undefined,
): Draft | 'delete' | undefined {
  switch (change.kind) {
    case 'removed':
      return now === undefined ? undefined : 'delete';
    case 'added':
      return now === undefined ? draft : undefined;
    case 'changed': {
      if (now === undefined || draft === undefined) return undefined;
      const fields = change.fields.filter(({ path, before }) => isStill(now, path, before));
      const back = fields.reduce<Record<string, unknown>>(
        (done, { path }) => withField(done, draft, pointerParts(path)),
        { ...now },
      );
      return fields.length === 0 ? undefined : { ...now, ...back };
    }
  }
}

/** Whether the field is what the discard made of it. */
function isStill(now: object, path: string, before: unknown): boolean {
  // The order of steps says nothing of what is in them.
  if (path === '/transforms') return true;
  const value = pointerParts(path).reduce<unknown>(inside, now);
  return (isEmpty(value) && isEmpty(before)) || jsonEqual(asJson(value), asJson(before));
}

/** A step of a list is found by its key. */
function inside(value: unknown, part: string): unknown {
  if (Array.isArray(value)) return value.find((item) => isRecord(item) && item.key === part);
  return isRecord(value) ? value[part] : undefined;
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true;
  return Array.isArray(value) ? value.length === 0 : isRecord(value) && Object.keys(value).length === 0;
}

/** `into` with the field that `from` has there. */
function withField(
  into: Record<string, unknown>,
  from: unknown,
  [part = '', ...rest]: readonly string[],
): Record<string, unknown> {
  if (!isRecord(from)) return into;
  if (part === '') return { ...from };
  const now = into[part];
  if (part === 'transforms') return { ...into, [part]: withSteps(now, from[part], rest[0]) };
  const value = rest.length > 0 && isRecord(now) ? withField(now, from[part], rest) : from[part];
  const { [part]: _replaced, ...others } = into;
  return value === undefined ? others : { ...others, [part]: value };
}

/** The steps in the order of `from`: the one of `key` as it was there, all others as they are now. */
function withSteps(now: unknown, from: unknown, key: string | undefined): unknown[] {
  const [current, old] = [stepsOf(now), stepsOf(from)];
  const currentByKey = new Map(current.map((step) => [step.key, step]));
  const known = new Set(old.map((step) => step.key));
  return [
    ...old.map((step) => (step.key === key ? step : (currentByKey.get(step.key) ?? step))),
    ...current.filter((step) => !known.has(step.key) && step.key !== key),
  ];
}

function stepsOf(steps: unknown): Record<string, unknown>[] {
  return Array.isArray(steps) ? steps.filter(isRecord) : [];
}
