// What an Apply would say of a document as an import or a merge would leave it: over what is live of the whole team, so that
// references into other documents are known. Writes nothing.
import type { ConfigDraft } from '@hakiri/contracts/config';
import { ProblemError } from '@hakiri/contracts/problem';
import type { Scope } from '@hakiri/contracts/scope';
import { EMPTY_CONFIG } from '@hakiri/manifest/canonical';
import { learnDraft } from '@hakiri/manifest/learn';
import { scopeFilter } from '@hakiri/manifest/scope';
import type { Cause, Messaging } from '@hakiri/service/messaging';
import type { Slices } from '@hakiri/service/slices';
import type { Target } from '../documents/outline.ts';
import { type Live, orUnavailable } from '../documents/pending.ts';
import { release } from '../publish/body.ts';
import type { Limits } from './materialize.ts';
import type { Places } from './places.ts';
import { type Prepared, prepare } from './prepare.ts';
import { findWhereabouts } from './whereabouts.ts';

export type Outlook = ReturnType<typeof createOutlook>;

export function createOutlook(deps: {
  messaging: Messaging;
  live(team: string): Promise<Live>;
  places: Places;
  limits: Limits;
  slices: Slices;
}) {
  const { messaging, limits, slices } = deps;

  return {
    live: (team: string): Promise<Live> => orUnavailable(() => deps.live(team)),

    /** `after` is the whole document. @throws ProblemError */
    apply: (
      target: Target,
      { revision, config }: Live,
      scope: Scope,
      after: ConfigDraft,
      version: string,
      cause: Cause,
    ): Promise<Prepared> =>
      orUnavailable(async () => {
        const draft = await slices.perform(learnDraft(after, target.doc, config));
        const all = { ...target, scope: { kind: 'all' as const }, version };
        const found =
          config === EMPTY_CONFIG
            ? { kind: 'found' as const, whereabouts: { doc: target.doc } }
            : await findWhereabouts({ messaging, limits, cause }, all, config, draft);
        if (found.kind !== 'found')
          throw new ProblemError(
            'unavailable',
            'Sync does not answer. Nothing was changed: try again shortly.',
          );
        const last = revision && { config, digest: revision.digest };
        const places = await deps.places(target.team, cause);
        const inScope = { ...draft, pipelines: draft.pipelines.filter(scopeFilter(scope)) };
        const outcome = await slices.perform(prepare(last, scope, inScope, found.whereabouts, places));
        if (outcome.kind !== 'invalid') release(outcome.body);
        return outcome;
      }),
  };
}
