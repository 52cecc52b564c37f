// The variables that come back with a revert: all of a document with the whole of it, else those that the restored pipelines use.
import type {
  ConfigDraft,
  ConfigIssue,
  ManifestConfig,
  PipelineDraft,
  VariableDraft,
} from '@hakiri/contracts/config';
import { canonicalVariable, documentOf } from './canonical.ts';
import { variablesUsed } from './check-variables.ts';
import { withoutDocument } from './documents.ts';
import { pointer, warning } from './issue.ts';

type Returning = {
  doc: string;
  /** Of `to`. */
  label: string;
  to: ManifestConfig;
  latest: ManifestConfig;
  restored: readonly PipelineDraft[];
  isWhole: boolean;
};
type Returned = { put: VariableDraft[]; delete: string[]; issues: ConfigIssue[] };

/** `current` is the document as it is. */
export function variablesToReturn(
  returning: Returning,
  current: ConfigDraft,
  newKey: () => string,
): Returned {
  return returning.isWhole ? allOf(returning, current) : usedOf(returning, current, newKey);
}

function allOf({ doc, to }: Returning, { variables }: ConfigDraft): Returned {
  const there = new Set(variables.map(({ key }) => key));
  // One that comes back itself, under the name that it had, takes nobody else's place.
  const back = new Set(to.variables.filter((entry) => documentOf(entry) === doc).map(({ key }) => key));
  const byName = new Map(variables.filter(({ key }) => !back.has(key)).map((entry) => [entry.name, entry]));
  const put = to.variables.flatMap((entry) => {
    const same = byName.get(entry.name);
    if (documentOf(entry) === doc)
      return [own(entry, there.has(entry.key) ? entry.key : (same?.key ?? entry.key))];
    // Another document's, of which this one has its own copy.
    return same === undefined ? [] : [own(entry, same.key)];
  });
  const kept = new Set(put.map(({ key }) => key));
  return { put, delete: variables.map(({ key }) => key).filter((key) => !kept.has(key)), issues: [] };
}

function usedOf(
  { doc, label, to, latest, restored }: Returning,
  { pipelines, variables }: ConfigDraft,
  newKey: () => string,
): Returned {
  const then = new Map(to.variables.map((entry) => [entry.name, entry]));
  const others = new Map(
    latest.variables.filter((entry) => documentOf(entry) !== doc).map((entry) => [entry.name, entry]),
  );
  const taken = new Set([...variables.map(({ key }) => key), ...[...others.values()].map(({ key }) => key)]);
  const isRestored = new Set(restored.map(({ key }) => key));
  const usedByOthers = new Set(
    pipelines.filter(({ key }) => !isRestored.has(key)).flatMap((entry) => [...variablesUsed(entry)]),
  );
  const returned: Returned = { put: [], delete: [], issues: [] };
  for (const name of new Set(restored.flatMap((entry) => [...variablesUsed(entry)]))) {
    const wanted = then.get(name);
    if (wanted === undefined) continue;
    const here = variables.find((entry) => entry.name === name);
    const live = here ?? others.get(name);
    if (live?.value === wanted.value) continue;
    if (live === undefined) returned.put.push(own(wanted, taken.has(wanted.key) ? newKey() : wanted.key));
    else if (here !== undefined && !usedByOthers.has(name) && !others.has(name))
      returned.put.push(own(wanted, here.key));
    else
      returned.issues.push(
        warning(
          pointer('variables', name),
          'revert.variable_differs',
          `\`${name}\` has another value than in ${label} and stays as it is, as others use it: change it in the document, or give the restored pipelines a variable of their own.`,
        ),
      );
  }
  return returned;
}

function own(variable: ManifestConfig['variables'][number], key: string): VariableDraft {
  const [plain = variable] = withoutDocument({ pipelines: [], variables: [variable] }).variables;
  return canonicalVariable({ ...plain, key });
}
