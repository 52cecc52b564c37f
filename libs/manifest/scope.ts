// Which pipelines of a configuration a scope takes: by group path with the groups below it, or by key or human id.
import type { Scope } from '@hakiri/contracts/sync';
import { canonicalGroup } from './canonical.ts';

type InScope = (pipeline: { key: string; id: unknown; group: unknown }) => boolean;

export function scopeFilter(scope: Scope): InScope {
  switch (scope.kind) {
    case 'all':
      return () => true;
    case 'group': {
      const group = canonicalGroup(scope.group);
      return (pipeline) =>
        typeof pipeline.group === 'string' &&
        (pipeline.group === group || pipeline.group.startsWith(`${group}/`));
    }
    case 'pipelines': {
      const named = new Set<unknown>(scope.pipelines);
      return (pipeline) => named.has(pipeline.key) || named.has(pipeline.id);
    }
  }
}
