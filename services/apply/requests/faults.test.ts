// Errors as the machine is told of them.
import { expect, test } from 'bun:test';
import { BlobStoreError } from '@hakiri/substrate/blob-store';
import { BusError } from '@hakiri/substrate/bus';
import { DatabaseAway } from '@hakiri/substrate/libsql/database';
import { DEFAULTS } from '../config.ts';
import { decide } from './apply-machine.ts';
import { faultOf } from './faults.ts';

test('[AP4.6] who did not answer is named, a database server too, and whatever else went wrong is not called away', () => {
  const told = (error: unknown) => {
    const { state } = decide({ kind: 'requested', createdAtMs: 0 }, faultOf(error, 1), 1e9, DEFAULTS);
    return state.kind === 'refused' ? [state.problem.code, state.problem.detail.split(',')[0]] : [];
  };
  const unreachable = new Error('failed to query', { cause: new DatabaseAway('refused') });
  expect(
    [new BusError('timeout', ''), new BlobStoreError(''), unreachable, new Error('bug')].map(told),
  ).toEqual([
    ['unavailable', 'The sync did not answer'],
    ['unavailable', 'The blob store did not answer'],
    ['unavailable', 'The database did not answer'],
    ['internal', 'Applying failed again and again'],
  ]);
});
