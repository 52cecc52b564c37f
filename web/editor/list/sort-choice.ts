// How the list is sorted, kept on this device.
import { createStore } from '../../live/store.ts';
import type { SortBy } from './shown-keys.ts';

const STORAGE_KEY = 'hakiri.list.sort';

export const sortChoice = createStore<SortBy>(localStorage.getItem(STORAGE_KEY) === 'id' ? 'id' : 'group');

export function chooseSort(sortBy: SortBy): void {
  localStorage.setItem(STORAGE_KEY, sortBy);
  sortChoice.set(sortBy);
}
