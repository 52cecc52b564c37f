// The Bus inside one process: fleeting messages in memory, durable ones in a libSQL file.
import type { Client } from '@libsql/client';
import type { Bus } from '../bus.ts';
import type { Clock } from '../clock.ts';
import { isStorageFull } from '../libsql/database.ts';
import { createQueue } from './queue.ts';
import { openQueueStore } from './queue-store.ts';
import { createSubscriptions } from './subscriptions.ts';

/** Takes over `client`. `onError` gets what subscribers throw and what could not be written in the background; `onFull`, where the disk had no room for that. */
export async function openEmbeddedBus(
  client: Client,
  clock: Clock,
  onError: (error: unknown) => void,
  onFull: (error: unknown) => void = () => {},
): Promise<Bus> {
  const subscriptions = createSubscriptions(clock, onError);
  const queue = await createQueue({
    store: await openQueueStore(client),
    clock,
    onStored: (subject, data) => {
      if (connected) subscriptions.publish(subject, data);
    },
    onError: (error) => (isStorageFull(error) ? onFull(error) : onError(error)),
  });
  let connected = true;
  let closing: Promise<void> | undefined;

  async function close(): Promise<void> {
    connected = false;
    await queue.close();
    await subscriptions.close();
  }

  return {
    publish: subscriptions.publish,
    subscribe: subscriptions.subscribe,
    request: subscriptions.request,
    respond: subscriptions.respond,
    enqueue: queue.enqueue,
    consume: queue.consume,
    connected: () => connected,
    // One process is never away from itself.
    onReconnect: () => ({ close: async () => undefined }),
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}
