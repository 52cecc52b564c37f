// Where pipelines are that an Apply would take out of the manifest or take over from another document: asked of sync, and only
// when there is such a pipeline. Writes nothing.
import type { ManifestConfig } from '@hakiri/contracts/config';
import type { Scope } from '@hakiri/contracts/scope';
import type { OutlineReply } from '@hakiri/contracts/sync';
import { claimedFromOthers, missingFromScope, type Whereabouts } from '@hakiri/manifest/merge';
import type { Cause, Messaging } from '@hakiri/service/messaging';
import { BusError } from '@hakiri/substrate/bus';
import { outlineOf, type Target } from '../documents/outline.ts';
import { type Limits, type Materialized, materialize, type Wanted } from './materialize.ts';

type Draft = Extract<Materialized, { kind: 'draft' }>['draft'];
type Failure = Exclude<Materialized, { kind: 'draft' }>;
type Asking = { messaging: Messaging; limits: Limits; cause: Cause };
export type Found = { kind: 'found'; whereabouts: Whereabouts } | Failure;

/** As many pipelines as one scope may name. */
const NAMES_LIMIT = 1000;
/** Another document goes on being edited while it is asked; past this the Apply waits as for one that does not answer. */
const ATTEMPTS_LIMIT = 3;

export async function findWhereabouts(
  asking: Asking,
  wanted: Wanted,
  last: ManifestConfig,
  draft: Draft,
): Promise<Found> {
  const { team, doc, scope } = wanted;
  const missing = missingFromScope(last, scope, draft, doc);
  // A scope of all has everything that the document has.
  const elsewhere = await stillThere(asking, wanted, scope.kind === 'all' ? [] : missing);
  if (!(elsewhere instanceof Set)) return elsewhere;
  const gone = missing.filter((key) => !elsewhere.has(key));
  const moved = gone.length === 0 ? new Map<string, string>() : await movedFrom(asking, { team, doc }, gone);
  if (moved === 'away') return { kind: 'away' };
  const contested = new Map<string, string>();
  for (const [other, keys] of claimedFromOthers(last, draft, doc)) {
    const there = await currentlyIn(asking, { team, doc: other }, keys);
    if (there === 'away') return { kind: 'away' };
    for (const key of there) contested.set(key, other);
  }
  return { kind: 'found', whereabouts: { doc, elsewhere, moved, contested } };
}

/** Which of `keys` the document has at this version. */
async function stillThere(
  { messaging, limits, cause }: Asking,
  wanted: Wanted,
  keys: readonly string[],
): Promise<Failure | Set<string>> {
  const found = new Set<string>();
  for (let start = 0; start < keys.length; start += NAMES_LIMIT) {
    const scope: Scope = { kind: 'pipelines', pipelines: keys.slice(start, start + NAMES_LIMIT) };
    const read = await materialize(messaging, { ...wanted, scope }, cause, limits);
    if (read.kind !== 'draft') return read;
    for (const { key } of read.draft.pipelines) found.add(key);
  }
  return found;
}

/** Which of `keys` another document has, as it is now. */
async function currentlyIn(
  asking: Asking,
  target: { team: string; doc: string },
  keys: readonly string[],
): Promise<Set<string> | 'away'> {
  for (let attempt = 0; attempt < ATTEMPTS_LIMIT; attempt++) {
    const outline = await outlineOrAway(asking, target);
    if (outline === 'away') return 'away';
    const read = await stillThere(
      asking,
      { ...target, scope: { kind: 'all' }, version: outline.version },
      keys,
    );
    if (read instanceof Set) return read;
    if (read.kind === 'no_document') return new Set();
    if (read.kind === 'away') return 'away';
  }
  return 'away';
}

async function movedFrom(
  asking: Asking,
  target: { team: string; doc: string },
  keys: readonly string[],
): Promise<Map<string, string> | 'away'> {
  const outline = await outlineOrAway(asking, target);
  if (outline === 'away') return 'away';
  const wanted = new Set(keys);
  return new Map(
    (outline.moved ?? []).flatMap(({ to, pipelines }) =>
      pipelines.filter((key) => wanted.has(key)).map((key) => [key, to]),
    ),
  );
}

async function outlineOrAway({ cause, ...asked }: Asking, target: Target): Promise<OutlineReply | 'away'> {
  try {
    return await outlineOf(asked, target, cause);
  } catch (error) {
    if (error instanceof BusError) return 'away';
    throw error;
  }
}
