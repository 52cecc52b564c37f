// The session in the browser's local storage, shared by its tabs: one of them renews it at a time.
import type { SessionStore } from '@hakiri/client/session';
import { Session } from '@hakiri/contracts/auth';
import { Value } from '@sinclair/typebox/value';

const STORAGE_KEY = 'hakiri.session';

export const storedSession: SessionStore = {
  load: () => read(localStorage.getItem(STORAGE_KEY)),
  save(session) {
    if (session) localStorage.setItem(STORAGE_KEY, JSON.stringify(session));
    else localStorage.removeItem(STORAGE_KEY);
  },
  async alone(work) {
    // Locks exist on https and on localhost only; a page served otherwise has to do without.
    if (!navigator.locks) return work();
    return navigator.locks.request(STORAGE_KEY, work);
  },
};

function read(text: string | null): Session | undefined {
  if (text === null) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return Value.Check(Session, value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Another tab signed out, or in as somebody else. One that merely renewed the session is no news. */
export function onOtherUser(handler: () => void): void {
  window.addEventListener('storage', ({ key, oldValue, newValue }) => {
    if (key === STORAGE_KEY && read(oldValue)?.user !== read(newValue)?.user) handler();
  });
}
