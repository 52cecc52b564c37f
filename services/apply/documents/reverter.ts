// Revert: entries of an earlier revision back into their documents, and the Applies of exactly that when they are asked for.
import type { RevertBody, RevertResult } from '@hakiri/contracts/revert';
import type { Cause } from '@hakiri/service/messaging';
import type { Looks } from '../requests/looks.ts';
import type { RevertApplies, RevertApply } from './revert-applies.ts';
import type { RevertWriter } from './revert-writing.ts';

export type Reverter = ReturnType<typeof createReverter>;

export function createReverter(deps: { writer: RevertWriter; applies: RevertApplies; looks: Looks }) {
  const { writer, applies, looks } = deps;

  return {
    /** With `by` what was written is applied. @throws ProblemError */
    revert: async (
      team: string,
      body: RevertBody,
      by: RevertApply | undefined,
      cause: Cause,
      signal: AbortSignal,
    ): Promise<RevertResult> => {
      const before = by && (await applies.repeated(team, body, by));
      if (before) return before;
      // Whole documents are held so far; the Applies have places of their own, and may be waited for.
      const answer = await looks.run(team, signal, () => writer.write(team, body, by !== undefined, cause));
      return answer.dryRun || !by ? answer : applies.ask(team, body, answer, by, cause);
    },
  };
}
