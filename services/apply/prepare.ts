// From the last applied manifest, a scope and the document's draft of it to what would be published. Pure.
import { assert } from '@hakiri/base/assert';
import type { ConfigDraft, ConfigIssue, ManifestConfig } from '@hakiri/contracts/config';
import type { Scope } from '@hakiri/contracts/scope';
import { EMPTY_CONFIG } from '@hakiri/manifest/canonical';
import { changedNames } from '@hakiri/manifest/diff';
import { mergeScope, type Whereabouts } from '@hakiri/manifest/merge';
import { parseManifest } from '@hakiri/manifest/parse';
import { asManifest } from '@hakiri/manifest/shape';
import { validateConfig } from '@hakiri/manifest/validate';
import { type Body, bodyOf } from './body.ts';

export type Prepared =
  /** All that is wrong, and the warnings. */
  | { kind: 'invalid'; issues: ConfigIssue[] }
  /** `same` as the last, or `different`. */
  | {
      kind: 'same' | 'different';
      config: ManifestConfig;
      body: Body;
      warnings: ConfigIssue[];
      /** Ids of pipelines and names of variables that differ from the last. */
      changed: string[];
    };

/**
 * `last` is undefined before the first Apply, which is different even when it is empty. Yields between pieces that each take as
 * long as a large team's manifest makes them, and not longer for what changed: `learnDraft` did that.
 */
export function* prepare(
  last: { config: ManifestConfig; digest: string } | undefined,
  scope: Scope,
  draft: ConfigDraft,
  whereabouts: Whereabouts,
): Generator<undefined, Prepared> {
  const before = last?.config ?? EMPTY_CONFIG;
  const merged = mergeScope(before, scope, draft, whereabouts);
  yield;
  const validated = validateConfig(merged.draft, { applied: last?.config });
  yield;
  const issues = [...merged.issues, ...validated.issues];
  if (!validated.config || merged.issues.some(({ severity }) => severity === 'error'))
    return { kind: 'invalid', issues };
  const { config } = validated;
  const body = yield* bodyOf(config);
  return {
    kind: last?.digest === body.digest ? 'same' : 'different',
    config,
    body,
    warnings: issues,
    changed: changedNames(before, config),
  };
}

/** The configuration of a published manifest. By its shape alone: what was valid once stays readable when rules grow. */
export function readManifest(toml: string): ManifestConfig {
  const parsed = parseManifest(toml);
  assert(parsed.kind === 'parsed', 'what we rendered parses');
  const shaped = asManifest(parsed.draft);
  assert(shaped.kind === 'manifest', 'what we published has the shape of a manifest');
  return shaped.manifest;
}
