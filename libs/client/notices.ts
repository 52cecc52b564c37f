// Conflict notices: what merging could not keep of one's own work or of somebody else's, as the server tells it in the `%EPS`
// room. Dismissing a notice deletes its key there, for this person.
import { takeOther } from '@hakiri/config-doc/take-other';
import { NOTICE_KEY_PREFIX, Notice } from '@hakiri/contracts/notice';
import { PENDING_KEY, PendingNews } from '@hakiri/contracts/pending';
import { Check } from '@sinclair/typebox/value';
import { EphemeralStore, type LoroDoc } from 'loro-crdt';

export type Notices = {
  /** Newest first. */
  list(): Notice[];
  /** How much of the document is not applied, as the server counts it for everybody; called when that is another. */
  onPending(listener: (pending: PendingNews) => void): () => void;
  /** Called at once and at every change. Returns how to stop it. */
  onNotices(listener: (notices: Notice[]) => void): () => void;
  dismiss(id: string): void;
  /** Writes the value that was not kept, as an edit like any other, and dismisses the notice. False: there is nothing to take. */
  take(notice: Notice): boolean;
};

/** The server decides how long a notice stays, and stamps it anew at every join. Loro's sweep is a timer, which ends at 24 days. */
const KEEP_MS = 40 * 24 * 60 * 60 * 1000;

export function createNotices(doc: () => LoroDoc) {
  const store = new EphemeralStore(KEEP_MS);
  const listeners = new Set<(notices: Notice[]) => void>();
  const pendingListeners = new Set<(pending: PendingNews) => void>();
  let pending = '';

  const list = (): Notice[] =>
    Object.entries(store.getAllStates())
      .flatMap(([key, value]) => (key.startsWith(NOTICE_KEY_PREFIX) && Check(Notice, value) ? [value] : []))
      .sort((a, b) => b.at.localeCompare(a.at) || a.id.localeCompare(b.id));

  const unsubscribe = store.subscribe(() => {
    const notices = list();
    for (const listener of listeners) listener(notices);
    tellPending(store.get(PENDING_KEY));
  });

  function tellPending(value: unknown): void {
    if (!Check(PendingNews, value) || JSON.stringify(value) === pending) return;
    pending = JSON.stringify(value);
    for (const listener of pendingListeners) listener(value);
  }
  const dismiss = (id: string): void => store.delete(`${NOTICE_KEY_PREFIX}${id}`);

  const notices: Notices = {
    list,
    onPending(listener) {
      pendingListeners.add(listener);
      return () => pendingListeners.delete(listener);
    },
    onNotices(listener) {
      listeners.add(listener);
      listener(list());
      return () => listeners.delete(listener);
    },
    dismiss,
    take(notice) {
      const into = doc();
      if (!takeOther(into, notice)) return false;
      into.commit({ origin: 'notice' });
      dismiss(notice.id);
      return true;
    },
  };
  return {
    notices,
    store,
    close(): void {
      unsubscribe();
      listeners.clear();
      pendingListeners.clear();
      store.destroy();
    },
  };
}
