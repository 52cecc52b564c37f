// What of a document is to go live, as somebody chose it, and what the API calls that.
import type { PendingChange } from '@hakiri/contracts/pending';
import { SCOPE_NAMES_LIMIT, type Scope } from '@hakiri/contracts/scope';

export type ScopeChoice =
  | { kind: 'all' }
  | { kind: 'group'; group: string }
  /** Keys. */
  | { kind: 'picked'; keys: ReadonlySet<string> };

/** Undefined when nothing is chosen, or more than a scope may name. */
export function scopeOf(choice: ScopeChoice): Scope | undefined {
  switch (choice.kind) {
    case 'all':
      return { kind: 'all' };
    case 'group':
      return choice.group === '' ? undefined : { kind: 'group', group: choice.group };
    case 'picked': {
      const { size } = choice.keys;
      const isPossible = size > 0 && size <= SCOPE_NAMES_LIMIT;
      return isPossible ? { kind: 'pipelines', pipelines: [...choice.keys] } : undefined;
    }
  }
}

/** A scope that the API suggests, as a choice; `keyOf` finds a pipeline by what the scope calls it. */
export function choiceOf(scope: Scope, keyOf: (name: string) => string | undefined): ScopeChoice {
  switch (scope.kind) {
    case 'all':
      return { kind: 'all' };
    case 'group':
      return { kind: 'group', group: scope.group };
    case 'pipelines':
      return { kind: 'picked', keys: new Set(scope.pipelines.map((name) => keyOf(name) ?? name)) };
    case 'selection':
      // Groups and pipelines at once are nothing that one choice on the page says.
      return { kind: 'all' };
  }
}

/** `groupOf`: path of a pipeline's group; undefined when it is deleted, and only the server knows where it was. */
export function isChosen(
  choice: ScopeChoice,
  change: Pick<PendingChange, 'key'>,
  groupOf: (key: string) => string | undefined,
): boolean {
  switch (choice.kind) {
    case 'all':
      return true;
    case 'group': {
      const group = groupOf(change.key);
      return group !== undefined && (group === choice.group || group.startsWith(`${choice.group}/`));
    }
    case 'picked':
      return choice.keys.has(change.key);
  }
}

/** As it stands in the address: keys between commas. */
export function keysInAddress(keys: string | undefined): ReadonlySet<string> {
  return new Set((keys ?? '').split(',').filter(Boolean));
}

export function toggled(keys: ReadonlySet<string>, key: string): ReadonlySet<string> {
  const next = new Set(keys);
  if (!next.delete(key)) next.add(key);
  return next;
}
