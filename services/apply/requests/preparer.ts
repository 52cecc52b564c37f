// What an Apply would publish: the scope read from sync, merged over the last applied manifest, validated. Writes nothing;
// validate and apply both come through here.
import type { ApplyBody } from '@hakiri/contracts/apply';
import type { ManifestConfig } from '@hakiri/contracts/config';
import { DEFAULT_DOC } from '@hakiri/contracts/names';
import type { Revision } from '@hakiri/contracts/revision';
import { learnDraft } from '@hakiri/manifest/learn';
import type { Cause, Messaging } from '@hakiri/service/messaging';
import type { Slices } from '@hakiri/service/slices';
import type { Bodies } from '../publish/bodies.ts';
import type { Refusal } from './apply-machine.ts';
import { withBorder } from './border.ts';
import { type Limits, materialize } from './materialize.ts';
import type { Places } from './places.ts';
import { type Prepared, prepare } from './prepare.ts';
import { type Found, findWhereabouts } from './whereabouts.ts';

type Last = { revision: Revision; config: ManifestConfig; digest: string };
type Preparation =
  | Exclude<Refusal, { kind: 'invalid' }>
  | { kind: 'away' }
  /** `isPlaced`: placements were looked at. */
  | { kind: 'prepared'; last: Last | undefined; outcome: Prepared; isPlaced?: boolean };

export type Preparer = (
  team: string,
  body: ApplyBody,
  last: Revision | undefined,
  cause: Cause,
) => Promise<Preparation>;

export function createPreparer(deps: {
  messaging: Messaging;
  bodies: Bodies;
  places: Places;
  limits: Limits;
  slices: Slices;
}): Preparer {
  const { messaging, bodies, slices, limits } = deps;

  return async (team, body, lastRevision, cause) => {
    const { doc = DEFAULT_DOC, scope, version } = body;
    const wanted = { team, doc, scope, version };
    const [read, places] = await Promise.all([
      materialize(messaging, wanted, cause, limits),
      deps.places(team, cause),
    ]);
    if (read.kind !== 'draft') return read;
    const last = lastRevision && {
      revision: lastRevision,
      config: await bodies.config(team, lastRevision),
      digest: lastRevision.digest,
    };
    const draft = await slices.perform(learnDraft(read.draft, doc, last?.config));
    const found: Found = last
      ? await findWhereabouts({ messaging, limits, cause }, wanted, last.config, draft)
      : { kind: 'found', whereabouts: { doc } };
    if (found.kind !== 'found') return found;
    const outcome = await withBorder(
      { messaging, limits, cause },
      wanted,
      last?.config,
      draft,
      found.whereabouts,
      await slices.perform(prepare(last, scope, draft, found.whereabouts, places)),
    );
    return { kind: 'prepared', last, outcome, isPlaced: places !== undefined };
  };
}
