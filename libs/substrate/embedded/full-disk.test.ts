// A disk without room under the embedded queue: the limit is SQLite's own.
import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { utf8 } from '@hakiri/base/bytes';
import { makeTempDirectory } from '@hakiri/testing/temp-directory';
import { until } from '@hakiri/testing/until';
import { systemClock } from '../clock.ts';
import { openClient } from '../libsql/database.ts';
import { openEmbeddedBus } from './bus.ts';

test('[BU21] a disk without room is reported and is no uncaught error: what is there is handed out, what comes is refused', async () => {
  const directory = await makeTempDirectory();
  const client = await openClient(`file:${join(directory.path, 'bus.db')}`);
  const full: unknown[] = [];
  const others: unknown[] = [];
  const bus = await openEmbeddedBus(
    client,
    systemClock,
    (error) => others.push(error),
    (error) => full.push(error),
  );
  const messages = 100;
  for (let number = 0; number < messages; number++)
    await bus.enqueue('q.x', `id-${number}`, utf8(`${number}`));
  let given = 0;
  const filled = Promise.withResolvers<void>();
  // Its long name stands in each row of its progress.
  const options = { durable: 'd'.repeat(2_000), ackWaitMs: 60_000, maxInFlight: messages };
  await bus.consume('q.*', { ...options, from: 'beginning' }, async () => {
    await filled.promise;
    given += 1;
    return { kind: 'retry', delayMs: 60_000 };
  });
  // Not below what there is: from here on it does not grow.
  await client.execute('PRAGMA max_page_count = 1');
  filled.resolve();
  await until(() => given === messages && full.length > 0, { timeoutMs: 20_000 });
  await expect(bus.enqueue('q.x', 'late', utf8('x'.repeat(20_000)))).rejects.toMatchObject({
    name: 'BusError',
  });
  expect(others).toEqual([]);
  await client.execute('PRAGMA max_page_count = 1073741823');
  await bus.enqueue('q.x', 'late', utf8('x'));
  await bus.close();
  await directory.remove();
});
