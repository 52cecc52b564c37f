// What an Apply would publish, to the byte, and what the policy would say of it. Writes nothing.
import { fromUtf8 } from '@hakiri/base/bytes';
import type { ApplyBody } from '@hakiri/contracts/apply';
import type { DryRun } from '@hakiri/contracts/approval';
import { type Problem, problem } from '@hakiri/contracts/problem';
import { labelOf } from '@hakiri/contracts/revision';
import type { TokenRole } from '@hakiri/contracts/roles';
import { EMPTY_CONFIG } from '@hakiri/manifest/canonical';
import { diffManifests } from '@hakiri/manifest/diff';
import type { Cause } from '@hakiri/service/messaging';
import type { Gate } from '../policy/gate.ts';
import { release } from '../publish/body.ts';
import { nextName } from '../publish/revision.ts';
import type { History } from '../store/store-history.ts';
import { refusalProblem } from './apply-machine.ts';
import type { Preparer } from './preparer.ts';
import { dryRunWithin, type Reach, tomlWithin } from './reach.ts';

export type DryRunner = (
  team: string,
  author: { user: string; role: TokenRole },
  body: ApplyBody,
  cause: Cause,
  reach: Reach,
) => Promise<{ kind: 'dry_run'; dryRun: DryRun } | { kind: 'problem'; problem: Problem }>;

/** A problem is what the Apply would be refused with; what the policy says is beside what would be published. */
export function createDryRun(deps: {
  prepare: Preparer;
  gate: Pick<Gate, 'verdict'>;
  history: History;
}): DryRunner {
  return async (team, author, body, cause, reach) => {
    const latest = await deps.history.latest(team);
    const preparation = await deps.prepare(team, body, latest, cause);
    if (preparation.kind === 'away')
      return { kind: 'problem', problem: problem('unavailable', 'Sync does not answer. Try again shortly.') };
    if (preparation.kind !== 'prepared') return { kind: 'problem', problem: refusalProblem(preparation) };
    const { last, outcome } = preparation;
    if (outcome.kind === 'invalid') return { kind: 'problem', problem: refusalProblem(outcome) };
    const unchanged = outcome.kind === 'same';
    const from = labelOf(last?.revision ?? { number: 0, minor: 0 });
    const revision = unchanged ? from : labelOf(nextName(last?.revision, 'apply'));
    const candidate = { before: last?.config, after: outcome.config, kind: outcome.kind };
    const dryRun: DryRun = {
      revision,
      unchanged,
      digest: outcome.body.digest,
      toml: reach === 'whole' ? fromUtf8(outcome.body.bytes) : tomlWithin(reach, outcome.config),
      diff: { from, to: revision, ...diffManifests(last?.config ?? EMPTY_CONFIG, outcome.config) },
      warnings: outcome.warnings,
      policy: await deps.gate.verdict(team, body, author, candidate),
    };
    release(outcome.body);
    return { kind: 'dry_run', dryRun: dryRunWithin(reach, dryRun) };
  };
}
