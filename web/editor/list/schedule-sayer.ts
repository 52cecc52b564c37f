// Says schedules in words once what knows the words is here: a first screen does not wait for it and shows what was typed.
import { isRecord } from '@hakiri/base/json';
import { whenIdle } from '../../live/idle.ts';
import { createStore, type Store } from '../../live/store.ts';
import { textOf } from '../../live/text-of.ts';

const sayer = createStore<(schedule: unknown) => string>((schedule) =>
  isRecord(schedule) ? textOf(schedule.expr) : '',
);
let isAsked = false;

export const scheduleSayer: Store<(schedule: unknown) => string> = {
  get: sayer.get,
  subscribe(listener) {
    if (!isAsked) whenIdle([sayer.set], (set) => void load().then(set, () => {}));
    isAsked = true;
    return sayer.subscribe(listener);
  },
};

async function load(): Promise<(schedule: unknown) => string> {
  return (await import('./schedule-words.ts')).scheduleWords;
}
