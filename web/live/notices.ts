// The conflicts of this person, each with what became of its field since. One whose lost value is there after all is put away.
import type { Notices } from '@hakiri/client/notices';
import { type Standing, standingOf } from '@hakiri/config-doc/take-other';
import type { Notice } from '@hakiri/contracts/notice';
import type { LoroDoc } from 'loro-crdt';
import { onDocument } from './document-events.ts';
import { createStore, type Store } from './store.ts';

export type StandingNotice = Notice & { standing: Standing };

/** Looked at again when edits have settled: a key press costs nothing here, however many notices there are. */
const SETTLE_MS = 250;

export function watchNotices(
  doc: LoroDoc,
  notices: Pick<Notices, 'list' | 'onNotices' | 'dismiss'>,
): { list: Store<readonly StandingNotice[]>; close(): void } {
  const list = createStore<readonly StandingNotice[]>([]);
  let timer: ReturnType<typeof setTimeout> | undefined;

  function look(): void {
    clearTimeout(timer);
    timer = undefined;
    const all = notices.list().map((notice) => ({ ...notice, standing: standingOf(doc, notice) }));
    const next = all.filter(({ standing }) => standing !== 'taken');
    const isSame = JSON.stringify(next.map(mark)) === JSON.stringify(list.get().map(mark));
    if (!isSame) list.set(next);
    // Each dismissal is news of its own, and is looked at in its turn.
    for (const { id, standing } of all) if (standing === 'taken') notices.dismiss(id);
  }

  const unsubscribe = onDocument(doc, () => {
    if (timer === undefined && notices.list().length > 0) timer = setTimeout(look, SETTLE_MS);
  });
  const stop = notices.onNotices(look);
  return {
    list,
    close() {
      clearTimeout(timer);
      unsubscribe();
      stop();
    },
  };
}

function mark({ id, standing }: StandingNotice): string {
  return `${id} ${standing}`;
}
