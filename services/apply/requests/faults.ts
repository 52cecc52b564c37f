// What an error tells the machine: who did not answer, or that nothing here foresaw it.
import { BlobStoreError } from '@hakiri/substrate/blob-store';
import { BusError } from '@hakiri/substrate/bus';
import { isDatabaseAway } from '@hakiri/substrate/libsql/database';
import type { Input } from './apply-machine.ts';

export function faultOf(error: unknown, attempt: number): Extract<Input, { kind: 'away' | 'failed' }> {
  if (error instanceof BusError) return { kind: 'away', who: 'sync', attempt };
  if (error instanceof BlobStoreError) return { kind: 'away', who: 'blob store', attempt };
  if (isDatabaseAway(error)) return { kind: 'away', who: 'database', attempt };
  return { kind: 'failed', attempt };
}
