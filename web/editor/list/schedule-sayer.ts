// Says schedules in words once what knows the words is here: a first screen does not wait for it and shows what was typed.
import { isRecord } from '@hakiri/base/json';
import { createStore } from '../../live/store.ts';
import { textOf } from '../../live/text-of.ts';

export const scheduleSayer = createStore<(schedule: unknown) => string>((schedule) =>
  isRecord(schedule) ? textOf(schedule.expr) : '',
);

void import('./schedule-words.ts').then(({ scheduleWords }) => scheduleSayer.set(scheduleWords));
