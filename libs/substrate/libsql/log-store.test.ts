// What the store does when the disk fails in the middle of a batch.
import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { makeTempDirectory } from '@hakiri/testing/temp-directory';
import { type LogStep, openLogStore } from './log-store.ts';

const IDS = ['a', 'b', 'c'].map((doc) => ({ team: 't', doc }));

function failing(code: string): Error {
  return Object.assign(new Error(code), { code });
}

test('[DL13] after a failed flush the rest of its batch is not written either, though it is tried one by one', async () => {
  const directory = await makeTempDirectory();
  const steps: LogStep[] = [];
  let commits = 0;
  let isFailing = false;
  const store = openLogStore({
    path: join(directory.path, 'documents.db'),
    onStep: (step) => {
      if (!isFailing) return;
      steps.push(step);
      if (step === 'before commit') commits += 1;
      // The batch does not fit, so each is tried alone.
      if (step === 'before commit' && commits === 1) throw failing('SQLITE_FULL');
      // As SQLite does itself when a flush fails: no transaction is left open.
      if (step === 'committed') throw failing('SQLITE_IOERR_FSYNC');
    },
  });
  try {
    store.execute(IDS.map((id) => ({ kind: 'open', id })));
    isFailing = true;
    const entries = [new Uint8Array([1])];
    const outcomes = store.execute(IDS.map((id) => ({ kind: 'append', id, epoch: 1, position: 0, entries })));
    expect(store.broken).toBe(true);
    expect(outcomes.map((outcome) => outcome.kind === 'failed' && outcome.error)).toEqual(
      IDS.map(() => 'unavailable'),
    );
    expect(steps.filter((step) => step === 'begun')).toHaveLength(2);
  } finally {
    store.close();
    await directory.remove();
  }
});
