// The session in the browser's local storage, shared by its tabs: one of them renews it at a time.
import type { SessionStore } from '@hakiri/client/session';
import { Session } from '@hakiri/contracts/auth';
import { Value } from '@sinclair/typebox/value';

const STORAGE_KEY = 'hakiri.session';

export const storedSession: SessionStore = {
  load() {
    const text = localStorage.getItem(STORAGE_KEY);
    if (text === null) return undefined;
    try {
      const value: unknown = JSON.parse(text);
      return Value.Check(Session, value) ? value : undefined;
    } catch {
      return undefined;
    }
  },
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

/** Another tab signed out, or in as somebody else. */
export function onSessionOfOtherTab(handler: () => void): void {
  window.addEventListener('storage', (event) => {
    if (event.key === STORAGE_KEY) handler();
  });
}
