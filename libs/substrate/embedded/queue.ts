// The durable half of the in-process bus: enqueue, consume, and the removal of messages that everybody is done with.
// Nothing ticks while nothing is pending: the sweep's timer runs only while messages are stored.
import { copyBytes } from '@hakiri/base/bytes';
import { settledWithin } from '@hakiri/base/within';
import { STREAM_MAX_AGE_DAYS } from '@hakiri/contracts/subjects';
import { type Bus, BusError, CLOSE_WAIT_MS, DEDUPE_WINDOW_MS, type Subscription } from '../bus.ts';
import type { Clock, Timer } from '../clock.ts';
import { checkSize } from '../message-size.ts';
import { checkPattern, checkSubject } from '../subject.ts';
import { DurableConsumer, type Member } from './durable-consumer.ts';
import type { QueueStore } from './queue-store.ts';

const MAX_AGE_MS = STREAM_MAX_AGE_DAYS * 24 * 60 * 60_000;
const SWEEP_MS = DEDUPE_WINDOW_MS;
const SWEEP_BATCH = 1000;
/** Ids remembered at most; past it the oldest are forgotten before their window is over. */
const DEDUPE_LIMIT = 1_000_000;

export type Queue = Pick<Bus, 'enqueue' | 'consume' | 'close'>;

export async function createQueue(deps: {
  store: QueueStore;
  clock: Clock;
  /** Called with each new message once it is durable. */
  onStored(subject: string, data: Uint8Array): void;
  onError(error: unknown): void;
}): Promise<Queue> {
  const { store, clock, onError } = deps;
  const consumers = new Map(
    (await store.consumers()).map((one) => [one.name, new DurableConsumer(one, store, clock, onError)]),
  );
  const seen = await createSeenIds(store, clock);
  const adding = new Set<Promise<void>>();
  let sweepTimer: Timer | undefined;
  let closed = false;

  function sweepLater(): void {
    if (closed) return;
    sweepTimer ??= clock.after(SWEEP_MS, () => {
      sweepTimer = undefined;
      sweep(store, consumers, clock.now())
        .then((left) => left > 0 && sweepLater())
        .catch((error) => {
          onError(error);
          sweepLater();
        });
    });
  }
  if ((await store.headersAfter(0, 1)).length > 0) sweepLater();

  function checkOpen(): void {
    if (closed) throw new BusError('closed', 'the bus is closed');
  }

  async function add(subject: string, id: string, data: Uint8Array): Promise<void> {
    const own = copyBytes(data);
    try {
      await store.add(subject, id, own, clock.now());
    } catch (cause) {
      throw new BusError('unavailable', `${subject} could not be stored: retry with the same id`, { cause });
    }
    sweepLater();
    deps.onStored(subject, own);
    for (const consumer of consumers.values()) if (consumer.wants(subject)) consumer.nudge();
  }

  async function consumerOf(
    pattern: string,
    durable: string,
    from: 'beginning' | 'now',
  ): Promise<DurableConsumer> {
    const known = consumers.get(durable);
    if (known?.pattern === pattern) return known;
    if (known && known.members.size > 0)
      throw new TypeError(`${durable} consumes ${known.pattern} already, not ${pattern}`);
    const stored = (await store.consumers()).find((one) => one.name === durable);
    const floor = stored?.floor ?? (from === 'now' ? store.committed() : 0);
    await store.saveConsumer(durable, pattern, floor);
    // Somebody may have asked for the same while this was written.
    const now = consumers.get(durable);
    if (now && now !== known) return now;
    const progress = stored?.progress ?? new Map();
    const made = new DurableConsumer({ name: durable, pattern, floor, progress }, store, clock, onError);
    consumers.set(durable, made);
    return made;
  }

  return {
    enqueue: async (subject, id, data) => {
      checkSubject(subject);
      checkOpen();
      checkSize(data);
      const earlier = seen.find(subject, id);
      if (earlier) {
        await earlier.stored;
        return { duplicate: true };
      }
      const stored = add(subject, id, data);
      seen.remember(subject, id, stored);
      adding.add(stored);
      await stored.finally(() => adding.delete(stored));
      return { duplicate: false };
    },

    consume: async (pattern, options, handler): Promise<Subscription> => {
      checkPattern(pattern);
      checkOpen();
      const consumer = await consumerOf(pattern, options.durable, options.from);
      const member: Member = { options, handler, running: new Set() };
      consumer.members.add(member);
      consumer.nudge();
      return {
        close: async () => {
          consumer.members.delete(member);
          await finished([...member.running]);
        },
      };
    },

    close: async () => {
      closed = true;
      sweepTimer?.cancel();
      const members = [...consumers.values()].flatMap((consumer) => [...consumer.members]);
      for (const consumer of consumers.values()) consumer.members.clear();
      await finished(members.flatMap((member) => [...member.running]));
      for (const consumer of consumers.values()) consumer.stop();
      await Promise.allSettled(adding);
      await store.close();
    },
  };
}

/** Removes what is older than the window and done, or older than any message may get. Answers how many messages stay. */
async function sweep(
  store: QueueStore,
  consumers: ReadonlyMap<string, DurableConsumer>,
  now: number,
): Promise<number> {
  let left = 0;
  let after = 0;
  for (;;) {
    const batch = await store.headersAfter(after, SWEEP_BATCH);
    const gone = batch.filter(({ sequence, subject, at }) => {
      if (at > now - DEDUPE_WINDOW_MS) return false;
      if (at <= now - MAX_AGE_MS) return true;
      return [...consumers.values()].every((consumer) => consumer.isDone(sequence, subject));
    });
    if (gone.length > 0) await store.remove(gone.map((one) => one.sequence));
    left += batch.length - gone.length;
    const last = batch.at(-1);
    if (last === undefined || batch.length < SWEEP_BATCH) return left;
    after = last.sequence;
  }
}

/** Ids of the window by subject, oldest first; `stored` of one that is being written settles with it. */
async function createSeenIds(store: QueueStore, clock: Clock) {
  type Seen = { at: number; stored: Promise<void> };
  const ids = new Map<string, Seen>();
  const stored = Promise.resolve();
  for (const { subject, id, at } of await store.idsSince(clock.now() - DEDUPE_WINDOW_MS))
    ids.set(`${subject} ${id}`, { at, stored });

  return {
    find(subject: string, id: string): Seen | undefined {
      const oldest = clock.now() - DEDUPE_WINDOW_MS;
      for (const [key, seen] of ids) {
        if (seen.at > oldest && ids.size < DEDUPE_LIMIT) break;
        ids.delete(key);
      }
      return ids.get(`${subject} ${id}`);
    },
    remember(subject: string, id: string, stored: Promise<void>): void {
      const key = `${subject} ${id}`;
      ids.set(key, { at: clock.now(), stored });
      stored.catch(() => ids.delete(key));
    },
  };
}

async function finished(work: Promise<void>[]): Promise<void> {
  if (work.length === 0) return;
  await settledWithin(Promise.allSettled(work), CLOSE_WAIT_MS);
}
