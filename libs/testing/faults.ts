// Wraps a Bus or a DocumentLog so that it fails as real ones do, by a seed: messages get lost, come twice or late, and a
// write that reports an error may have been stored all the same. Nothing here does what the ports' contracts forbid.
import { createPrng } from '@hakiri/base/prng';
import { type Bus, BusError } from '@hakiri/substrate/bus';
import type { Clock } from '@hakiri/substrate/clock';
import { type DocumentLog, DocumentLogError } from '@hakiri/substrate/document-log';

/** Probabilities between 0 and 1. */
export type FaultRates = {
  /** A published message, a request or its reply gets lost. */
  lose: number;
  /** An acked message comes once more. */
  repeat: number;
  /** A write fails and was not done. */
  failBefore: number;
  /** A write fails and was done. */
  failAfter: number;
  /** Anything awaited takes up to this long more. */
  delayMs: number;
};

export type Faults = {
  /** From now on everything works, so that a simulation can come to its end. */
  stop(): void;
  bus(bus: Bus): Bus;
  documentLog(log: DocumentLog): DocumentLog;
};

export function createFaults(seed: number, rates: FaultRates, clock: Clock): Faults {
  const prng = createPrng(seed);
  let active = true;
  const happens = (rate: number): boolean => active && prng.next() < rate;

  async function late(): Promise<void> {
    if (active && rates.delayMs > 0) await clock.sleep(prng.below(rates.delayMs + 1));
  }

  async function faulty<T>(fail: () => Error, work: () => Promise<T>): Promise<T> {
    await late();
    if (happens(rates.failBefore)) throw fail();
    const result = await work();
    if (happens(rates.failAfter)) throw fail();
    return result;
  }

  return {
    stop: () => {
      active = false;
    },

    bus: (bus) => ({
      publish: (subject, data) => {
        if (!happens(rates.lose)) bus.publish(subject, data);
      },
      subscribe: bus.subscribe,
      request: async (subject, data, options) => {
        const timedOut = new BusError('timeout', `${subject} was lost on purpose`);
        await late();
        if (happens(rates.lose)) throw timedOut;
        const reply = await bus.request(subject, data, options);
        if (happens(rates.lose)) throw timedOut;
        return reply;
      },
      respond: bus.respond,
      enqueue: (subject, id, data) =>
        faulty(
          () => new BusError('unavailable', `${subject} failed on purpose`),
          () => bus.enqueue(subject, id, data),
        ),
      consume: (pattern, options, handler) =>
        bus.consume(pattern, options, async (message) => {
          await late();
          const verdict = await handler(message);
          return verdict.kind === 'ack' && happens(rates.repeat) ? { kind: 'retry', delayMs: 0 } : verdict;
        }),
      connected: bus.connected,
      onReconnect: bus.onReconnect,
      close: bus.close,
    }),

    documentLog: (log) => {
      const failed = () => new DocumentLogError('unavailable', 'failed on purpose: open it again');
      // After an unknown outcome the real logs want to be opened again, and so does this one.
      const unknown = new Set<string>();
      const nameOf = (id: { team: string; doc: string }) => `${id.team}/${id.doc}`;
      async function writing<T>(id: { team: string; doc: string }, work: () => Promise<T>): Promise<T> {
        if (unknown.has(nameOf(id))) throw failed();
        return faulty(() => {
          unknown.add(nameOf(id));
          return failed();
        }, work);
      }
      return {
        open: async (id) => {
          const loaded = await faulty(failed, () => log.open(id));
          unknown.delete(nameOf(id));
          return loaded;
        },
        append: (id, epoch, position, group) => writing(id, () => log.append(id, epoch, position, group)),
        compact: (id, epoch, position, base) => writing(id, () => log.compact(id, epoch, position, base)),
        read: (id) => faulty(failed, () => log.read(id)),
        position: (id) => faulty(failed, () => log.position(id)),
        list: log.list,
      };
    },
  };
}
