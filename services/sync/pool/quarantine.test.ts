// What Loro failed at is kept with whose it was, bounded for each team, and the log names where.
import { describe, expect, test } from 'bun:test';
import { sha256Hex } from '@hakiri/base/bytes';
import { type Logger, silentLogger } from '@hakiri/service/logger';
import { BlobStoreError } from '@hakiri/substrate/blob-store';
import { createSimulatedClock } from '@hakiri/testing/simulated-clock';
import { createMemoryBlobs } from '../testing/memory-blobs.ts';
import { QUARANTINED_PER_TEAM, quarantine } from './quarantine.ts';

const ID = { team: 'default', doc: 'main' };

function bedOf(blobs = createMemoryBlobs()) {
  const clock = createSimulatedClock();
  const logged: [string, Record<string, unknown>][] = [];
  const logger: Logger = {
    ...silentLogger,
    error: (event, fields = {}) => void logged.push([event, fields]),
  };
  let count = 0;
  const metrics = { quarantined: () => void count++ };
  return { blobs, clock, logger, logged, metrics, counted: () => count };
}

describe('an update at which Loro failed', () => {
  test('[SY11.11] is kept as it came, with whose it was, when, and the error; the log names the key', async () => {
    const bed = bedOf();
    const update = Uint8Array.of(1, 2, 3);
    await quarantine(ID, { user: 'mallory', updates: [update], error: 'unreachable' }, bed);
    const key = `sync/default/main/quarantine/${await sha256Hex(update)}`;
    expect((await bed.blobs.get(key))?.bytes).toEqual(update);
    const note = new TextDecoder().decode((await bed.blobs.get(`${key}.json`))?.bytes);
    const at = new Date(bed.clock.now()).toISOString();
    expect(JSON.parse(note)).toEqual({ user: 'mallory', at, bytes: 3, error: 'unreachable' });
    expect(bed.logged).toMatchObject([['update_quarantined', { key, user: 'mallory', bytes: 3 }]]);
    expect(bed.counted()).toBe(1);
  });

  test('[SY11.11] the same again takes no more room; of many a team keeps the newest', async () => {
    const bed = bedOf();
    const put = async (team: string, byte: number): Promise<void> => {
      await bed.clock.advance(1_000);
      await quarantine({ team, doc: 'main' }, { user: 'u', updates: [Uint8Array.of(byte)], error: 'x' }, bed);
    };
    await put('other', 0);
    for (let byte = 0; byte < QUARANTINED_PER_TEAM + 3; byte++) await put('default', byte);
    await put('default', 10);
    const kept = await bed.blobs.list('sync/default/');
    expect(kept).toHaveLength(2 * QUARANTINED_PER_TEAM);
    expect(kept).not.toContain(`sync/default/main/quarantine/${await sha256Hex(Uint8Array.of(0))}`);
    expect(await bed.blobs.list('sync/other/')).toHaveLength(2);
  });

  test('[SY11.11] other blobs of the team stay, and a store that fails is said and harms nothing', async () => {
    const bed = bedOf();
    await bed.blobs.putIfAbsent('sync/default/documents.json', Uint8Array.of(1));
    await quarantine(ID, { user: 'u', updates: [new Uint8Array(9 * 2 ** 20)], error: 'x' }, bed);
    expect(await bed.blobs.list('sync/')).toEqual(['sync/default/documents.json']);
    const full = async (): Promise<never> => Promise.reject(new BlobStoreError('no space left'));
    const failing = { ...bed, blobs: { ...bed.blobs, putIfAbsent: full } };
    await quarantine(ID, { user: 'u', updates: [Uint8Array.of(7)], error: 'x' }, failing);
    expect(bed.logged.at(-1)).toMatchObject(['update_not_quarantined', { user: 'u', bytes: 1 }]);
  });
});
