// Where an Apply is between the look at what would go live and its outcome.
import type { Published, WaitingApply } from '@hakiri/client/apply';
import type { DryRun } from '@hakiri/contracts/approval';

/** `outdated`: by an edit in the scope, or by a revision of this label. */
export type Look = {
  dryRun: DryRun;
  version: string;
  outdated?: { by: 'edit' } | { by: 'revision'; label: string };
};
export type ApplyState =
  | { kind: 'looking' }
  | { kind: 'seen'; look: Look; failure?: unknown }
  /** It cannot even be looked at: there are issues, or nobody answers. */
  | { kind: 'refused'; failure: unknown }
  | { kind: 'applying'; look: Look }
  /** No answer came, and nobody says yet what became of it; `isUnderWay`: the server has it, and goes on by itself. */
  | { kind: 'unheard'; look: Look; isUnderWay: boolean }
  | { kind: 'published'; published: Published }
  | { kind: 'waiting'; status: WaitingApply };
