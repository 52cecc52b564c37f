// What an Apply would come to, without making a request of it.
import type { ApplyBody, Validation } from '@hakiri/contracts/apply';
import { type Problem, problem } from '@hakiri/contracts/problem';
import { labelOf } from '@hakiri/contracts/revision';
import { EMPTY_CONFIG } from '@hakiri/manifest/canonical';
import { diffManifests } from '@hakiri/manifest/diff';
import { upcomingTicks } from '@hakiri/manifest/upcoming';
import type { Cause } from '@hakiri/service/messaging';
import type { Clock } from '@hakiri/substrate/clock';
import { release } from '../publish/body.ts';
import { nextName } from '../publish/revision.ts';
import type { History } from '../store/store-history.ts';
import { refusalProblem } from './apply-machine.ts';
import type { Preparer } from './preparer.ts';

export type Validate = (
  team: string,
  body: ApplyBody,
  cause: Cause,
) => Promise<{ kind: 'validation'; validation: Validation } | { kind: 'problem'; problem: Problem }>;

export function createValidate(deps: { prepare: Preparer; history: History; clock: Clock }): Validate {
  return async (team, body, cause) => {
    const latest = await deps.history.latest(team);
    const preparation = await deps.prepare(team, body, latest, cause);
    switch (preparation.kind) {
      case 'away':
        return {
          kind: 'problem',
          problem: problem('unavailable', 'Sync does not answer. Try again shortly.'),
        };
      case 'prepared': {
        const { last, outcome, isPlaced } = preparation;
        if (outcome.kind === 'invalid')
          return { kind: 'validation', validation: { valid: false, issues: outcome.issues } };
        release(outcome.body);
        const unchanged = outcome.kind === 'same';
        const diff = diffManifests(last?.config ?? EMPTY_CONFIG, outcome.config);
        const from = labelOf(last?.revision ?? { number: 0, minor: 0 });
        const revision = unchanged ? from : labelOf(nextName(last?.revision, 'apply'));
        const validation: Validation = {
          valid: true,
          issues: outcome.warnings,
          revision,
          unchanged,
          diff: { from, to: revision, ...diff },
          upcoming: upcomingTicks(outcome.config, diff.pipelines, deps.clock.now()),
          ...(isPlaced ? {} : { unchecked: ['placement'] }),
        };
        return { kind: 'validation', validation };
      }
      default:
        return { kind: 'problem', problem: refusalProblem(preparation) };
    }
  };
}
