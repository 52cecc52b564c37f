// How many may look at whole documents at once without an Apply in hand: dry runs, validations, proposals, imports,
// merges, exports, reverts, patches and differences each hold documents and manifests in memory. The others wait, and are turned away where too
// many of their team wait already.
import { createPermits, type Permits } from '@hakiri/base/permits';
import { ProblemError } from '@hakiri/contracts/problem';
import type { ApplyConfig } from '../config.ts';

export type Looks = ReturnType<typeof createLooks>;

export function createLooks(
  limits: Pick<ApplyConfig, 'looksLimit' | 'looksPerTeamLimit' | 'looksWaitingLimit'>,
  onTeams: (looking: number) => void,
) {
  const all = createPermits(limits.looksLimit);
  /** Of teams that look just now; those that wait are among `looking`. */
  const teams = new Map<string, { permits: Permits; looking: number }>();

  return {
    /** Who leaves while they wait, by `signal`, gives their place to others. @throws ProblemError */
    run: async <T>(team: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> => {
      const own = teams.get(team) ?? { permits: createPermits(limits.looksPerTeamLimit), looking: 0 };
      if (own.looking >= limits.looksPerTeamLimit + limits.looksWaitingLimit)
        throw new ProblemError('rate_limited', TOO_MANY);
      teams.set(team, own);
      onTeams(teams.size);
      own.looking += 1;
      try {
        // One team's never take the places of all.
        return await own.permits.run(() => all.run(work, signal), signal);
      } catch (error) {
        throw signal.aborted && error === signal.reason ? new ProblemError('unavailable', LEFT) : error;
      } finally {
        own.looking -= 1;
        if (own.looking === 0) teams.delete(team);
        onTeams(teams.size);
      }
    },
  };
}

const LEFT = 'The caller left before it was their turn. Nothing was looked at: ask again.';
const TOO_MANY =
  'Many people of your team look at whole documents right now: dry runs, validations, proposals, imports, merges, exports, reverts, patches and differences. Try again shortly.';
