// What this window is called among all of its person: the same over a reload and a crash, so that nobody sees it twice until the
// server has forgotten the one before, and another one in a tab that was duplicated, which has a copy of all that this one keeps.
import { randomId } from '@hakiri/base/random-id';

type Hold = (lock: Lock | null) => Promise<void> | undefined;
type Locks = { request(name: string, options: { ifAvailable: true }, hold: Hold): Promise<unknown> };
type Place = {
  storage: Pick<Storage, 'getItem' | 'setItem'>;
  /** On https and on localhost only. */
  locks: Locks | undefined;
};

const STORAGE_KEY = 'hakiri.window';
const ID = /^[\w-]{1,64}$/;
let claimed: Promise<string> | undefined;

/** Of this page, as long as it lives. */
export function ownWindowId(): Promise<string> {
  claimed ??= claimWindowId({ storage: sessionStorage, locks: navigator.locks });
  return claimed;
}

/** Without locks nothing tells a duplicated tab from one that was loaded again: then it is another one each time. */
export async function claimWindowId({ storage, locks }: Place): Promise<string> {
  const kept = storage.getItem(STORAGE_KEY);
  if (locks && kept !== null && ID.test(kept) && (await isHeld(locks, kept))) return kept;
  const id = randomId();
  storage.setItem(STORAGE_KEY, id);
  if (locks) await isHeld(locks, id);
  return id;
}

/** Held until the page goes, however it goes. */
function isHeld(locks: Locks, id: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const hold: Hold = (lock) => {
    resolve(lock !== null);
    return lock === null ? undefined : new Promise(() => {});
  };
  locks.request(`${STORAGE_KEY}.${id}`, { ifAvailable: true }, hold).catch(() => resolve(false));
  return promise;
}
