// From the last applied manifest, a scope and the document's draft of it to what would be published. Pure.
import { assert } from '@hakiri/base/assert';
import type { ConfigDraft, ConfigIssue, ManifestConfig } from '@hakiri/contracts/config';
import type { Scope } from '@hakiri/contracts/scope';
import { EMPTY_CONFIG } from '@hakiri/manifest/canonical';
import type { KnownPlaces } from '@hakiri/manifest/check-placement';
import { changedNames } from '@hakiri/manifest/diff';
import { mergeScope, type Whereabouts } from '@hakiri/manifest/merge';
import { pipelineText } from '@hakiri/manifest/render';
import { readParts } from '@hakiri/manifest/split';
import { validateConfig } from '@hakiri/manifest/validate';
import { type Body, bodyOf } from '../publish/body.ts';

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
  places?: KnownPlaces,
): Generator<undefined, Prepared> {
  const before = last?.config ?? EMPTY_CONFIG;
  const merged = mergeScope(before, scope, draft, whereabouts);
  yield;
  const asked = askedIn(scope, draft);
  const validated = validateConfig(merged.draft, { applied: last?.config, asked, places });
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

/** Variables come with every scope, and only all of a document asks for them. */
function askedIn(scope: Scope, { pipelines, variables }: ConfigDraft): ReadonlySet<string> {
  return new Set([...pipelines, ...(scope.kind === 'all' ? variables : [])].map(({ key }) => key));
}

/**
 * The configuration of a published manifest. By its shape alone: what was valid once stays readable when rules grow. Entries that
 * stand as they do in `near` are those of `near`, and are not read. Yields between entries.
 */
export function* readManifest(toml: string, near = EMPTY_CONFIG): Generator<undefined, ManifestConfig> {
  const known = new Map<string, ManifestConfig>();
  for (const pipeline of near.pipelines) {
    known.set(pipelineText(pipeline), { pipelines: [pipeline], variables: [] });
    yield;
  }
  const read = yield* readParts(toml, (block) => known.get(block));
  assert(read.kind === 'parts', 'what we published has the shape of a manifest');
  const manifests = read.parts.map((part) => (part.kind === 'known' ? part.known : part.manifest));
  return {
    pipelines: manifests.flatMap(({ pipelines }) => pipelines),
    variables: manifests.flatMap(({ variables }) => variables),
  };
}
