// Which pipelines of a configuration a scope takes: by group path with the groups below it, or by key or human id.
import { SCOPE_NAMES_LIMIT, type Scope } from '@hakiri/contracts/scope';
import { canonicalGroup } from './canonical.ts';

type InScope = (pipeline: { key: string; id: unknown; group: unknown }) => boolean;

export function scopeFilter(scope: Scope): InScope {
  switch (scope.kind) {
    case 'all':
      return () => true;
    case 'group':
      return inGroups([scope.group]);
    case 'pipelines':
      return named(scope.pipelines);
    case 'selection': {
      const isInGroups = inGroups(scope.groups);
      const isNamed = named(scope.pipelines);
      return (pipeline) => isInGroups(pipeline) || isNamed(pipeline);
    }
  }
}

function inGroups(paths: readonly string[]): InScope {
  const groups = paths.map(canonicalGroup);
  return ({ group: path }) =>
    typeof path === 'string' && groups.some((group) => path === group || path.startsWith(`${group}/`));
}

function named(names: readonly string[]): InScope {
  const wanted = new Set<unknown>(names);
  return ({ key, id }) => wanted.has(key) || wanted.has(id);
}

/** The groups that a scope names, and the pipelines. */
export function namesOf(scope: Scope): { groups: readonly string[]; pipelines: readonly string[] } {
  switch (scope.kind) {
    case 'all':
      return { groups: [], pipelines: [] };
    case 'group':
      return { groups: [scope.group], pipelines: [] };
    case 'pipelines':
      return { groups: [], pipelines: scope.pipelines };
    case 'selection':
      return scope;
  }
}

/** The scope with these pipelines too; everything when that would name more than a scope can. */
export function widened(scope: Scope, keys: readonly string[]): Scope {
  if (scope.kind === 'all') return scope;
  const { groups, pipelines } = namesOf(scope);
  const all = [...new Set([...pipelines, ...keys])];
  if (all.length > SCOPE_NAMES_LIMIT) return { kind: 'all' };
  if (groups.length === 0) return { kind: 'pipelines', pipelines: all };
  return all.length === 0 ? scope : { kind: 'selection', groups: [...groups], pipelines: all };
}
