// The variables of an Apply: those of the document that is applied, and those of the team's other documents as they were. A name
// is one variable in the whole manifest: a document that has it with the same value shares the entry of whoever applied it first.
import type { ConfigIssue, PipelineDraft, VariableDraft } from '@hakiri/contracts/config';
import { canonicalVariable, compareText, documentOf } from './canonical.ts';
import { variablesUsed } from './check-variables.ts';
import { inDocument } from './documents.ts';
import { issue, pointer } from './issue.ts';

type Merging = {
  doc: string;
  /** The scope is all of the document: what it has no more goes. */
  isWhole: boolean;
  taken: readonly PipelineDraft[];
  kept: readonly PipelineDraft[];
};

/** `drafted`: all variables of the document. */
export function mergeVariables(
  applied: readonly VariableDraft[],
  drafted: readonly VariableDraft[],
  merging: Merging,
): { variables: VariableDraft[]; issues: ConfigIssue[] } {
  const { doc, isWhole, taken, kept } = merging;
  const used = new Set<unknown>(taken.flatMap((pipeline) => [...variablesUsed(pipeline)]));
  const others = new Map(
    applied.filter((entry) => documentOf(entry) !== doc).map((entry) => [entry.name, entry]),
  );
  const carried = isWhole ? drafted : drafted.filter(({ name }) => used.has(name));
  const own = carried.filter(({ name }) => !others.has(name));
  const keys = new Set(own.map(({ key }) => key));
  const names = new Set(own.map(({ name }) => name));
  // A variable that is gone from the document goes live as gone for those who use it: they are told it is undefined.
  const stay = applied.filter((entry) => {
    if (documentOf(entry) !== doc) return true;
    return !isWhole && !keys.has(entry.key) && !names.has(entry.name) && !used.has(entry.name);
  });
  const variables = [...stay, ...own];
  const orphans = isWhole ? orphansOf(applied, variables, merging) : [];
  const merged = [...variables, ...orphans];
  return {
    variables: merged,
    issues: [...ownedByOthers(carried, others), ...sharedVariables(applied, merged, kept)],
  };
}

/**
 * Variables that the document dropped altogether, while pipelines that are not its to change still use them: those of another
 * document, to which they pass, or those that were moved away and wait for the other document's Apply.
 */
function orphansOf(
  applied: readonly VariableDraft[],
  variables: readonly VariableDraft[],
  { doc, kept }: Merging,
): VariableDraft[] {
  const keys = new Set(variables.map(({ key }) => key));
  const names = new Set(variables.map(({ name }) => name));
  const dropped = applied.filter(({ key, name }) => !keys.has(key) && !names.has(name));
  if (dropped.length === 0) return [];
  const users = kept.map((pipeline) => ({ own: documentOf(pipeline), names: variablesUsed(pipeline) }));
  return dropped.flatMap((variable) => {
    const documents = users
      .filter(({ names: uses }) => uses.has(String(variable.name)))
      .map(({ own }) => own);
    if (documents.length === 0) return [];
    const heir = documents.filter((other) => other !== doc).sort(compareText)[0] ?? doc;
    return inDocument({ pipelines: [], variables: [variable] }, heir).variables.map(canonicalVariable);
  });
}

/** The same name with another value in another document: one manifest cannot hold both. */
function ownedByOthers(
  carried: readonly VariableDraft[],
  others: ReadonlyMap<unknown, VariableDraft>,
): ConfigIssue[] {
  return carried.flatMap(({ name, value }) => {
    const other = others.get(name);
    if (other === undefined || other.value === value) return [];
    const owner = documentOf(other);
    const message = `The document ${owner} has \`${String(name)}\` with another value: give one of the two another name, or take it out here to use that of ${owner}.`;
    return [issue(pointer('variables', String(name)), 'variable.other_document', message)];
  });
}

/** Outside the scope nothing may change, the value of a variable neither. */
function sharedVariables(
  before: readonly VariableDraft[],
  after: readonly VariableDraft[],
  kept: readonly PipelineDraft[],
): ConfigIssue[] {
  const valuesBefore = new Map(before.map(({ name, value }) => [name, value]));
  const valuesAfter = new Map(after.map(({ name, value }) => [name, value]));
  const names = [...valuesBefore.keys(), ...valuesAfter.keys()];
  const changed = new Set<unknown>(names.filter((name) => valuesBefore.get(name) !== valuesAfter.get(name)));
  if (changed.size === 0) return [];
  const users = new Map<string, string[]>();
  for (const pipeline of kept) {
    for (const name of variablesUsed(pipeline)) {
      if (!changed.has(name)) continue;
      users.set(name, [...(users.get(name) ?? []), String(pipeline.id)]);
    }
  }
  return [...users]
    .sort(([a], [b]) => compareText(a, b))
    .map(([name, ids]) => {
      const others = ids.sort(compareText).map((id) => `\`${id}\``);
      const message = `\`${name}\` would change for ${others.join(', ')} outside the scope: include them in the Apply, or use another variable.`;
      return issue(pointer('variables', name), 'scope.variable_shared', message);
    });
}
