// The fleeting half of the in-process bus: publish, subscribe, request, respond. It behaves like a network on purpose:
// every receiver gets its own copy of the bytes, on a later tick, through a queue with a bound.
import { copyBytes } from '@hakiri/base/bytes';
import { settledWithin } from '@hakiri/base/within';
import {
  type Bus,
  BusError,
  type BusMessage,
  CLOSE_WAIT_MS,
  RESPONDER_LIMIT,
  type Subscription,
} from '../bus.ts';
import type { Clock } from '../clock.ts';
import { checkSize } from '../message-size.ts';
import { checkSubject, matcher } from '../subject.ts';

/** What one subscriber may lag behind; past either bound messages are dropped for it. */
const SUBSCRIBER_QUEUE_LIMIT = 10_000;
const SUBSCRIBER_QUEUE_LIMIT_BYTES = 64 * 1024 * 1024;
/** Messages given to one subscriber before others get their turn. */
const DELIVERIES_PER_TURN = 256;

type Listener = {
  matches(subject: string): boolean;
  group: string | undefined;
  handler(message: BusMessage): void;
  queue: BusMessage[];
  queuedBytes: number;
  scheduled: boolean;
  closed: boolean;
};
type Responder = {
  matches(subject: string): boolean;
  group: string;
  handler(message: BusMessage): Promise<Uint8Array>;
  inHand: Set<Promise<void>>;
};

export type Subscriptions = Pick<Bus, 'publish' | 'subscribe' | 'request' | 'respond' | 'close'>;

/** `onError` gets what a subscriber's handler throws: a bug of that subscriber. */
export function createSubscriptions(clock: Clock, onError: (error: unknown) => void): Subscriptions {
  const listeners: Listener[] = [];
  const responders: Responder[] = [];
  const callers = new Set<(error: BusError) => void>();
  let closed = false;

  function drain(listener: Listener): void {
    listener.scheduled = false;
    for (const message of listener.queue.splice(0, DELIVERIES_PER_TURN)) {
      if (listener.closed) return;
      listener.queuedBytes -= message.data.length;
      try {
        listener.handler(message);
      } catch (error) {
        onError(error);
      }
    }
    schedule(listener);
  }

  function schedule(listener: Listener): void {
    if (listener.scheduled || listener.queue.length === 0) return;
    listener.scheduled = true;
    setImmediate(drain, listener);
  }

  function check(subject: string, data: Uint8Array): void {
    checkSubject(subject);
    if (closed) throw new BusError('closed', 'the bus is closed');
    checkSize(data);
  }

  return {
    publish: (subject, data) => {
      check(subject, data);
      for (const listener of onePerGroup(listeners.filter((one) => one.matches(subject)))) {
        if (listener.queue.length >= SUBSCRIBER_QUEUE_LIMIT) continue;
        if (listener.queuedBytes + data.length > SUBSCRIBER_QUEUE_LIMIT_BYTES) continue;
        listener.queue.push({ subject, data: copyBytes(data) });
        listener.queuedBytes += data.length;
        schedule(listener);
      }
    },

    subscribe: (pattern, handler, options) => {
      const listener: Listener = {
        matches: matcher(pattern),
        group: options?.group,
        handler,
        queue: [],
        queuedBytes: 0,
        scheduled: false,
        closed: false,
      };
      listeners.push(listener);
      return subscription(() => {
        listener.closed = true;
        remove(listeners, listener);
      });
    },

    request: async (subject, data, { timeoutMs }) => {
      check(subject, data);
      const chosen = onePerGroup(responders.filter((one) => one.matches(subject)));
      if (chosen.length === 0) throw new BusError('no_responder', `nobody answers ${subject} now`);
      const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
      const timer = clock.after(timeoutMs, () =>
        reject(new BusError('timeout', `${subject} was not answered within ${timeoutMs} ms`)),
      );
      callers.add(reject);
      for (const responder of chosen) ask(responder, { subject, data: copyBytes(data) }, resolve);
      return promise.finally(() => {
        callers.delete(reject);
        timer.cancel();
      });
    },

    respond: (pattern, handler, { group }) => {
      const responder: Responder = { matches: matcher(pattern), group, handler, inHand: new Set() };
      responders.push(responder);
      return subscription(async () => {
        remove(responders, responder);
        await settledWithin(Promise.all(responder.inHand), CLOSE_WAIT_MS);
      });
    },

    close: async () => {
      closed = true;
      for (const listener of listeners.splice(0)) listener.closed = true;
      const inHand = responders.splice(0).flatMap((responder) => [...responder.inHand]);
      await settledWithin(Promise.all(inHand), CLOSE_WAIT_MS);
      for (const reject of callers) reject(new BusError('closed', 'the bus was closed'));
    },
  };
}

/** A handler that throws, or answers too much, answers nothing. */
function ask(responder: Responder, message: BusMessage, resolve: (reply: Uint8Array) => void): void {
  if (responder.inHand.size >= RESPONDER_LIMIT) return;
  const work = new Promise<void>((next) => setImmediate(next))
    .then(() => responder.handler(message))
    .then((reply) => {
      checkSize(reply);
      setImmediate(resolve, copyBytes(reply));
    })
    .catch(() => undefined)
    .finally(() => responder.inHand.delete(work));
  responder.inHand.add(work);
}

/** Everybody without a group, and of each group one member, chosen at random. */
function onePerGroup<Member extends { group: string | undefined }>(members: Member[]): Member[] {
  const groups = new Map<string, Member[]>();
  const chosen: Member[] = [];
  for (const member of members) {
    if (member.group === undefined) chosen.push(member);
    else groups.set(member.group, [...(groups.get(member.group) ?? []), member]);
  }
  for (const group of groups.values()) {
    const member = group[Math.floor(Math.random() * group.length)];
    if (member) chosen.push(member);
  }
  return chosen;
}

function subscription(close: () => void | Promise<void>): Subscription {
  return { close: async () => close() };
}

function remove<T>(list: T[], item: T): void {
  const at = list.indexOf(item);
  if (at >= 0) list.splice(at, 1);
}
