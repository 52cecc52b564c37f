// The session in the browser's local storage, shared by its tabs: one of them renews it at a time.
import { Session } from '@hakiri/contracts/auth';
import { Check } from '@sinclair/typebox/value';
import type { Device } from './device.ts';

const STORAGE_KEY = 'hakiri.session';

export const storedSession: Device['session'] = {
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
  onOtherUser(handler) {
    // One that merely renewed the session is no news.
    window.addEventListener('storage', ({ key, oldValue, newValue }) => {
      if (key === STORAGE_KEY && read(oldValue)?.user !== read(newValue)?.user) handler();
    });
  },
};

function read(text: string | null): Session | undefined {
  if (text === null) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return Check(Session, value) ? value : undefined;
  } catch {
    return undefined;
  }
}
