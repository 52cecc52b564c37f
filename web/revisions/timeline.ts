// The revisions as a timeline: page after page, with what is published meanwhile on top, and minor ones folded under what they follow.
import type { ApplyClient } from '@hakiri/client/apply';
import type { Revision } from '@hakiri/contracts/revision';
import type { LiveRevision } from '../live/live-revision.ts';
import { createStore, type Store } from '../live/store.ts';

export type TimelineGroup = {
  number: number;
  /** Of an Apply; undefined while it is on a page that is not read yet. */
  main: Revision | undefined;
  /** Newest first. */
  minors: readonly Revision[];
};

/** `revisions` are the newest first. */
export function foldMinors(revisions: readonly Revision[]): TimelineGroup[] {
  const groups = Map.groupBy(revisions, ({ number }) => number);
  return [...groups].map(([number, of]) => ({
    number,
    main: of.find(({ minor }) => minor === 0),
    minors: of.filter(({ minor }) => minor > 0),
  }));
}

/** Without repetition, the newest first. */
export function merged(known: readonly Revision[], more: readonly Revision[]): Revision[] {
  const bySequence = new Map([...known, ...more].map((revision) => [revision.sequence, revision]));
  return [...bySequence.values()].sort((a, b) => b.sequence - a.sequence);
}

export type TimelineState = {
  kind: 'loading' | 'known' | 'failed';
  revisions: readonly Revision[];
  /** There are older ones. */
  next: number | undefined;
  failure?: unknown;
};
export type Timeline = { state: Store<TimelineState>; more(): Promise<void>; close(): void };

const PAGE = 50;

export function openTimeline(
  apply: Pick<ApplyClient, 'revisions'>,
  live: Pick<LiveRevision, 'onPublished'>,
): Timeline {
  const state = createStore<TimelineState>({ kind: 'loading', revisions: [], next: undefined });
  const stop = live.onPublished((revision) => {
    const now = state.get();
    state.set({ ...now, revisions: merged(now.revisions, [revision]) });
  });
  async function read(before: number | undefined): Promise<void> {
    try {
      const page = await apply.revisions({ limit: PAGE, ...(before === undefined ? {} : { before }) });
      const revisions = merged(state.get().revisions, page.revisions);
      state.set({ kind: 'known', revisions, next: page.next });
    } catch (failure) {
      state.set({ ...state.get(), kind: 'failed', failure });
    }
  }
  void read(undefined);
  return { state, more: () => read(state.get().next), close: stop };
}
