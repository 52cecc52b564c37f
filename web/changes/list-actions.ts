// What can be done with a row of the list of changes.
import type { PendingChange } from '@hakiri/contracts/pending';
import type { Root } from './change-rows.ts';
import type { ToDiscard } from './discarding.ts';

export type ListActions = {
  isChosen(root: Root, change: PendingChange): boolean;
  pick(key: string): void;
  /** Undefined for who may not edit. */
  discard: ((item: ToDiscard) => Promise<void>) | undefined;
  canPick: boolean;
};
