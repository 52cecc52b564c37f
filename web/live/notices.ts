// The conflicts of this person, each with what became of its field since. One whose lost value is there after all is put away,
// as is what a later meeting in the same field speaks for, and, after a while, what somebody has decided since.
import type { Notices } from '@hakiri/client/notices';
import { type Standing, standingOf } from '@hakiri/config-doc/take-other';
import type { Notice } from '@hakiri/contracts/notice';
import type { LoroDoc } from 'loro-crdt';
import { onDocument } from './document-events.ts';
import { foldNotices } from './fold-notices.ts';
import { createStore, type Store } from './store.ts';

export type StandingNotice = Notice & { standing: Standing };

/** Looked at again when edits have settled: a key press costs nothing here, however many notices there are. */
const SETTLE_MS = 250;
/** In one window, for who was about to read it. */
export const DECIDED_SHOWN_MS = 5 * 60_000;

export function watchNotices(
  doc: LoroDoc,
  notices: Pick<Notices, 'list' | 'onNotices' | 'dismiss'>,
  decidedShownMs = DECIDED_SHOWN_MS,
): { list: Store<readonly StandingNotice[]>; close(): void } {
  const list = createStore<readonly StandingNotice[]>([]);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isPuttingAway = false;
  /** Since when somebody has decided, by id. */
  let decided = new Map<string, number>();
  let farewell: ReturnType<typeof setTimeout> | undefined;

  function look(): void {
    clearTimeout(timer);
    timer = undefined;
    const now = performance.now();
    const { latest, past } = foldNotices(notices.list());
    const all = latest.map((notice) => ({ ...notice, standing: standingOf(doc, notice) }));
    const before = decided;
    decided = new Map(
      all.flatMap(({ id, standing }) => (standing === 'stands' ? [] : [[id, before.get(id) ?? now]])),
    );
    const isOver = ({ id, standing }: StandingNotice): boolean =>
      standing === 'taken' || now - (decided.get(id) ?? now) >= decidedShownMs;
    const next = all.filter((notice) => !isOver(notice));
    const isSame = JSON.stringify(next.map(mark)) === JSON.stringify(list.get().map(mark));
    if (!isSame) list.set(next);
    putAway([...past, ...all.filter(isOver)]);
    clearTimeout(farewell);
    const first = Math.min(...next.map(({ id }) => decided.get(id) ?? Number.POSITIVE_INFINITY));
    if (Number.isFinite(first)) farewell = setTimeout(look, first + decidedShownMs - now);
  }

  /** Each dismissal is news of its own, which says nothing new here. */
  function putAway(over: readonly Notice[]): void {
    isPuttingAway = true;
    for (const { id } of over) notices.dismiss(id);
    isPuttingAway = false;
  }

  const unsubscribe = onDocument(doc, () => {
    if (timer === undefined && notices.list().length > 0) timer = setTimeout(look, SETTLE_MS);
  });
  const stop = notices.onNotices(() => {
    if (!isPuttingAway) look();
  });
  return {
    list,
    close() {
      clearTimeout(timer);
      clearTimeout(farewell);
      unsubscribe();
      stop();
    },
  };
}

function mark({ id, standing }: StandingNotice): string {
  return `${id} ${standing}`;
}
