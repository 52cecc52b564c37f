// What an Apply of a part would need of the rest of its document: asked of sync, and only when something is wrong that a wider scope
// may solve, or when the scope waits for a pipeline outside. Writes nothing; where it cannot be known, nothing is said.
import type { ConfigDraft, ConfigIssue, ManifestConfig } from '@hakiri/contracts/config';
import { SCOPE_NAMES_LIMIT } from '@hakiri/contracts/scope';
import { awaitedOutside, suggestScope, warnOfChanged } from '@hakiri/manifest/border';
import { EMPTY_CONFIG } from '@hakiri/manifest/canonical';
import type { Whereabouts } from '@hakiri/manifest/merge';
import type { Cause, Messaging } from '@hakiri/service/messaging';
import { type Limits, materialize, type Wanted } from './materialize.ts';
import type { Prepared } from './prepare.ts';

/** Of issues that a wider scope may solve; others are wrong in any. */
const MAY_BE_SOLVED: ReadonlySet<string> = new Set([
  'scope.variable_shared',
  'schedule.reference_unknown',
  'schedule.cycle',
  'id.duplicate',
  'variable.undefined',
  'variable.duplicate',
  'transforms.key_duplicate',
]);

export async function withBorder(
  { messaging, limits, cause }: { messaging: Messaging; limits: Limits; cause: Cause },
  wanted: Wanted,
  applied: ManifestConfig | undefined,
  draft: ConfigDraft,
  whereabouts: Whereabouts,
  outcome: Prepared,
): Promise<Prepared> {
  const { scope, doc } = wanted;
  const last = applied ?? EMPTY_CONFIG;
  if (scope.kind === 'all') return outcome;
  if (outcome.kind === 'invalid') {
    if (!outcome.issues.some(({ code }) => MAY_BE_SOLVED.has(code))) return outcome;
    const read = await materialize(messaging, { ...wanted, scope: { kind: 'all' } }, cause, limits);
    if (read.kind !== 'draft') return outcome;
    return { kind: 'invalid', issues: suggestScope(outcome.issues, last, scope, read.draft, whereabouts) };
  }
  const names = awaitedOutside(draft).slice(0, SCOPE_NAMES_LIMIT);
  if (names.length === 0) return outcome;
  const outside = { ...wanted, scope: { kind: 'pipelines' as const, pipelines: names } };
  const read = await materialize(messaging, outside, cause, limits);
  if (read.kind !== 'draft') return outcome;
  const warnings: ConfigIssue[] = warnOfChanged(last, scope, draft, read.draft.pipelines, doc);
  return { ...outcome, warnings: [...outcome.warnings, ...warnings] };
}
