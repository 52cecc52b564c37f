// What an Apply of a part comes to, as a simple and slow model: every rule once, in the plainest words, over whole lists. It shares no
// line with libs/manifest, which it judges (apply-oracle.ts).
import type { Scope } from '@hakiri/contracts/scope';

export type Entry = {
  key: string;
  id: string;
  group: string;
  value: number;
  uses: readonly string[];
  waits: string | undefined;
};
export type Variable = { key: string; value: string };
export type Document = { pipelines: Map<string, Entry>; variables: Map<string, Variable> };
export type Applied = {
  pipelines: Map<string, Entry & { doc: string }>;
  variables: Map<string, Variable & { doc: string }>;
};

/** What is live afterwards; undefined when the Apply is refused. */
export function applyModel(
  before: Applied,
  doc: string,
  document: Document,
  scope: Scope,
): Applied | undefined {
  const own = [...document.pipelines.values()];
  const applied = [...before.pipelines.values()];
  const taken = own.filter((entry) => isIn(scope, entry));
  const isTaken = (entry: Entry) => taken.some(({ key }) => key === entry.key);
  const isRemoved = (entry: Entry & { doc: string }) =>
    entry.doc === doc && isIn(scope, entry) && !document.pipelines.has(entry.key);
  const kept = applied.filter((entry) => !isTaken(entry) && !isRemoved(entry));
  if (!namesSomebody(scope, taken, applied, doc, document)) return undefined;

  const variables = variablesAfter(before, doc, document, scope, { taken, kept });
  if (variables === undefined) return undefined;
  const after = [...kept, ...taken.map((entry) => ({ ...entry, doc }))];
  const byId = new Map(after.map((entry) => [entry.id, entry]));
  if (byId.size < after.length) return undefined;
  for (const entry of after) {
    if (entry.uses.some((name) => !variables.has(name))) return undefined;
    const seen = new Set<string>();
    for (let at: Entry | undefined = entry; at?.waits !== undefined; at = byId.get(at.waits)) {
      if (seen.has(at.id) || !byId.has(at.waits)) return undefined;
      seen.add(at.id);
    }
  }
  return { pipelines: new Map(after.map((entry) => [entry.key, entry])), variables };
}

export function isIn(scope: Scope, { key, id, group }: Entry): boolean {
  const inGroup = (path: string) => group === path || group.startsWith(`${path}/`);
  if (scope.kind === 'all') return true;
  const groups = scope.kind === 'group' ? [scope.group] : scope.kind === 'selection' ? scope.groups : [];
  const names = scope.kind === 'group' ? [] : scope.pipelines;
  return groups.some(inGroup) || names.includes(key) || names.includes(id);
}

function namesSomebody(
  scope: Scope,
  taken: readonly Entry[],
  applied: readonly (Entry & { doc: string })[],
  doc: string,
  document: Document,
): boolean {
  const ofDocument = applied.filter((entry) => entry.doc === doc);
  // Deleted, or renamed and taken: the name that it was applied under is still its name.
  const known = ofDocument.filter(
    ({ key }) => !document.pipelines.has(key) || taken.some((entry) => entry.key === key),
  );
  const groups = scope.kind === 'group' ? [scope.group] : scope.kind === 'selection' ? scope.groups : [];
  const names = scope.kind === 'all' || scope.kind === 'group' ? [] : scope.pipelines;
  return (
    groups.every((group) =>
      [...taken, ...ofDocument].some((entry) => isIn({ kind: 'group', group }, entry)),
    ) && names.every((name) => [...taken, ...known].some(({ key, id }) => key === name || id === name))
  );
}

/** Undefined when a value would be two at once. */
function variablesAfter(
  before: Applied,
  doc: string,
  document: Document,
  scope: Scope,
  { taken, kept }: { taken: readonly Entry[]; kept: readonly (Entry & { doc: string })[] },
): Applied['variables'] | undefined {
  const used = new Set(taken.flatMap(({ uses }) => uses));
  const after: Applied['variables'] = new Map();
  for (const [name, variable] of before.variables) if (variable.doc !== doc) after.set(name, variable);
  const carried = [...document.variables].filter(([name]) => scope.kind === 'all' || used.has(name));
  const mine = carried.filter(([name]) => !after.has(name));
  for (const [name, { value }] of carried) if ((after.get(name)?.value ?? value) !== value) return undefined;
  for (const [name, variable] of mine) after.set(name, { ...variable, doc });
  const isReplaced = (name: string, { key }: Variable) =>
    mine.some(([newName, variable]) => newName === name || variable.key === key);
  for (const [name, variable] of before.variables) {
    if (variable.doc !== doc || isReplaced(name, variable) || after.has(name)) continue;
    const users = kept.filter(({ uses }) => uses.includes(name)).map((entry) => entry.doc);
    if (scope.kind !== 'all') {
      if (!used.has(name)) after.set(name, variable);
    } else if (users.length > 0)
      after.set(name, { ...variable, doc: users.filter((other) => other !== doc).sort()[0] ?? doc });
  }
  for (const { uses } of kept)
    for (const name of uses)
      if (before.variables.get(name)?.value !== after.get(name)?.value) return undefined;
  return after;
}
