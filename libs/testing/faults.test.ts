// The fault injector only does what the ports allow, and those who follow the contract come through.
import { afterEach, beforeEach, expect, test } from 'bun:test';
import { fromUtf8, utf8 } from '@hakiri/base/bytes';
import { systemClock } from '@hakiri/substrate/clock';
import { openEmbedded } from '@hakiri/substrate/embedded/open';
import type { Substrate } from '@hakiri/substrate/substrate';
import { createFaults } from './faults.ts';
import { makeTempDirectory, type TempDirectory } from './temp-directory.ts';
import { until } from './until.ts';

const RATES = { lose: 0.3, repeat: 0.3, failBefore: 0.2, failAfter: 0.2, delayMs: 2 };
let directory: TempDirectory;
let substrate: Substrate;
beforeEach(async () => {
  directory = await makeTempDirectory();
  substrate = await openEmbedded(directory.path);
});
afterEach(async () => {
  await substrate.close();
  await directory.remove();
});

test('[TE2] a sender that retries with its id and a receiver that drops repeats see each message once', async () => {
  const faults = createFaults(11, RATES, systemClock);
  const bus = faults.bus(substrate.bus);
  const seen = new Map<string, number>();
  const options = { durable: 'd', ackWaitMs: 5_000, maxInFlight: 4, from: 'beginning' } as const;
  await bus.consume('work', options, async ({ data }) => {
    seen.set(fromUtf8(data), (seen.get(fromUtf8(data)) ?? 0) + 1);
    return { kind: 'ack' };
  });
  let failures = 0;
  for (let at = 0; at < 60; at += 1) {
    const sent = () =>
      bus.enqueue('work', `${at}`, utf8(`${at}`)).then(
        () => true,
        () => {
          failures += 1;
          return false;
        },
      );
    await until(sent);
  }
  await until(() => seen.size === 60);
  expect(failures).toBeGreaterThan(10);
  expect([...seen.values()].some((count) => count > 1)).toBe(true);
});

test('[TE3] a writer that opens again after an unknown outcome loses nothing acknowledged and doubles nothing', async () => {
  const faults = createFaults(12, RATES, systemClock);
  const log = faults.documentLog(substrate.documents);
  const id = { team: 't', doc: 'd' };
  const open = () => until(() => log.open(id).catch(() => undefined));
  let { epoch, position } = await open();
  let reopened = 0;
  for (let at = 0; at < 60; ) {
    try {
      position = await log.append(id, epoch, position, [utf8(`${at}`)]);
      at += 1;
    } catch {
      const loaded = await open();
      ({ epoch, position } = loaded);
      at = position;
      reopened += 1;
    }
  }
  faults.stop();
  const loaded = await log.open(id);
  expect(loaded.entries.map(fromUtf8)).toEqual(Array.from({ length: 60 }, (_, at) => `${at}`));
  expect(reopened).toBeGreaterThan(10);
});
