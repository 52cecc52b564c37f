import { expect, jest, test } from 'bun:test';
import type { SyncStatus } from '@hakiri/client/sync';
import { steadyStatus } from './steady-status.ts';

const SAVED: SyncStatus = { kind: 'saved' };
const SAVING: SyncStatus = { kind: 'saving', unsaved: 1 };
const OFFLINE: SyncStatus = { kind: 'offline', unsaved: 1, kept: true };

test('[PG8.3] letters typed on are one saving; saved is said when it has been so for a moment, and whatever is worse at once', () => {
  jest.useFakeTimers();
  try {
    const told: SyncStatus['kind'][] = [];
    const { know, close } = steadyStatus(({ kind }) => told.push(kind));
    know(SAVED);
    for (let letter = 0; letter < 5; letter++) {
      know(SAVING);
      jest.advanceTimersByTime(20);
      know(SAVED);
      jest.advanceTimersByTime(60);
    }
    expect(told).toEqual(['saved', 'saving']);
    jest.advanceTimersByTime(300);
    expect(told).toEqual(['saved', 'saving', 'saved']);
    know(SAVING);
    know(SAVED);
    know(OFFLINE);
    expect(told.slice(3)).toEqual(['saving', 'offline']);
    jest.advanceTimersByTime(1_000);
    know(SAVED);
    expect(told.slice(5)).toEqual(['saved']);
    know(SAVING);
    know(SAVED);
    close();
    jest.advanceTimersByTime(1_000);
    expect(told.slice(6)).toEqual(['saving']);
  } finally {
    jest.useRealTimers();
  }
});
