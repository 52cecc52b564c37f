// Which Applies that did not go live somebody has put away: kept on this device, as they are listed for a day.
import { isRecord } from '@hakiri/base/json';
import { createStore } from '../live/store.ts';

const STORAGE_KEY = 'hakiri.dismissed-applies';
const KEPT_LIMIT = 200;

export const dismissed = createStore<readonly string[]>(read());

export function dismiss(id: string): void {
  dismissed.set([...dismissed.get(), id].slice(-KEPT_LIMIT));
  localStorage.setItem(STORAGE_KEY, JSON.stringify({ ids: dismissed.get() }));
}

function read(): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(STORAGE_KEY) ?? '{}');
    const ids = isRecord(kept) && Array.isArray(kept.ids) ? kept.ids : [];
    return ids.filter((id) => typeof id === 'string');
  } catch {
    return [];
  }
}
