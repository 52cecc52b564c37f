// What importing a file would write: entries of the file matched with those of the document, by key where the file has one, by
// human id (or variable name) otherwise. Transforms without a key keep the identity of an equal one, or of the one at their
// place. So a hand-written file that is imported twice changes nothing the second time.
import { isRecord } from '@hakiri/base/json';
import type { ConfigDraft, PipelineDraft, VariableDraft } from '@hakiri/contracts/config';
import { canonicalPipeline, canonicalVariable } from './canonical.ts';

type ImportPlan = {
  /** Everything of the file, keys given: what to validate. */
  draft: ConfigDraft;
  /** Only what differs from the document: what to write. */
  put: PipelineDraft[];
  putVariables: VariableDraft[];
  /** Ids. */
  created: string[];
  updated: string[];
  unchanged: string[];
  /** Pipelines of the document that the file does not have; deleting them is the caller's decision. */
  absent: PipelineDraft[];
};

/** `current` is the document as it stands; `newKey` makes a ULID that was never used. */
export function planImport(file: ConfigDraft, current: ConfigDraft, newKey: () => string): ImportPlan {
  const match = matcher(file.pipelines, current.pipelines, ({ id }) => id);
  const matchVariable = matcher(file.variables, current.variables, ({ name }) => name);
  const plan: ImportPlan = {
    draft: { pipelines: [], variables: [] },
    put: [],
    putVariables: [],
    created: [],
    updated: [],
    unchanged: [],
    absent: [],
  };
  const seen = new Set<string>();
  for (const entry of file.pipelines) {
    const old = match(entry);
    const pipeline = canonicalPipeline({
      ...entry,
      key: old?.key ?? (entry.key || newKey()),
      transforms: keyedTransforms(entry.transforms, old?.transforms, newKey),
    });
    seen.add(pipeline.key);
    plan.draft.pipelines.push(pipeline);
    const isSame = old !== undefined && isEqual(pipeline, canonicalPipeline(old));
    (isSame ? plan.unchanged : old ? plan.updated : plan.created).push(String(pipeline.id));
    if (!isSame) plan.put.push(pipeline);
  }
  for (const entry of file.variables) {
    const old = matchVariable(entry);
    const variable = canonicalVariable({ ...entry, key: old?.key ?? (entry.key || newKey()) });
    plan.draft.variables.push(variable);
    if (old === undefined || !isEqual(variable, canonicalVariable(old))) plan.putVariables.push(variable);
  }
  plan.absent = current.pipelines.filter(({ key }) => !seen.has(key));
  return plan;
}

/** Each entry of the document is matched at most once, so that two entries of a file with one id stay two. */
function matcher<Entry extends { key: string }>(
  file: readonly Entry[],
  entries: readonly Entry[],
  nameOf: (entry: Entry) => unknown,
): (wanted: Entry) => Entry | undefined {
  const byKey = new Map(entries.map((entry) => [entry.key, entry]));
  const named = new Set(file.map(({ key }) => key));
  const byName = Map.groupBy(
    entries.filter(({ key }) => !named.has(key)),
    nameOf,
  );
  return (wanted) => byKey.get(wanted.key) ?? byName.get(nameOf(wanted))?.shift();
}

/** `transforms` of a file, each with a key: its own, else that of an equal one of `old`, else of the one at its place. */
export function keyedTransforms(transforms: unknown, old: unknown, newKey: () => string): unknown {
  if (!Array.isArray(transforms)) return transforms;
  const free = new Map<string, Record<string, unknown>>();
  for (const transform of Array.isArray(old) ? old : []) {
    if (isRecord(transform) && typeof transform.key === 'string') free.set(transform.key, transform);
  }
  const places = [...free.keys()];
  for (const transform of transforms) if (isRecord(transform)) free.delete(String(transform.key));
  const take = (key: string | undefined): string | undefined =>
    key !== undefined && free.delete(key) ? key : undefined;
  // Equal ones first, over the whole list; what is left then takes the place it stands at.
  const keys = transforms.map((transform) => {
    if (!isRecord(transform)) return undefined;
    if (typeof transform.key === 'string' && transform.key !== '') return transform.key;
    return take([...free].find(([, candidate]) => hasSameContent(candidate, transform))?.[0]);
  });
  return transforms.map((transform, index) =>
    isRecord(transform) ? { ...transform, key: keys[index] ?? take(places[index]) ?? newKey() } : transform,
  );
}

function hasSameContent(a: Record<string, unknown>, b: Record<string, unknown>): boolean {
  const content = ({ kind, body, inputs }: Record<string, unknown>) => [kind, body ?? '', inputs ?? []];
  return isEqual(content(a), content(b));
}

function isEqual(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
