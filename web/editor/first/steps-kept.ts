// What this device remembers of the first steps: whether a pipeline was looked at, and whether somebody wants to be led.
import { createStore } from '../../live/store.ts';

const LOOKED = 'hakiri.first.looked';
const HIDDEN = 'hakiri.first.hidden';

export const hasLooked = createStore(localStorage.getItem(LOOKED) !== null);
export const areHidden = createStore(localStorage.getItem(HIDDEN) !== null);

const EXPECTED = 'hakiri.first.expected';
/** Nothing was live when this page was here last: the steps have their place at once, and nothing moves when that is known again. */
export const areExpected = localStorage.getItem(EXPECTED) !== null;

export function noteNothingLive(isNothing: boolean): void {
  if (isNothing) localStorage.setItem(EXPECTED, '1');
  else localStorage.removeItem(EXPECTED);
}

export function noteLooked(): void {
  if (hasLooked.get()) return;
  localStorage.setItem(LOOKED, '1');
  hasLooked.set(true);
}

export function hideSteps(): void {
  localStorage.setItem(HIDDEN, '1');
  areHidden.set(true);
}
