// A host in the test's own thread: answers on a later turn, as a worker does, and can be made to fail, to trap or to hang.
import { type Answer, Host, type Order } from '../host/host.ts';
import type { HostEvents, StartHost } from '../pool/host-thread.ts';

export type LocalHosts = {
  start: StartHost;
  /** Hosts that were started. */
  started(): number;
  /** Decides instead of the host, after it performed the order. Undefined leaves its answer. */
  sabotage: ((order: Order) => Answer | 'hangs' | undefined) | undefined;
  /** What an order is said to have taken. */
  tookMs: (order: Order) => number;
  /** What each host is said to occupy, by its number from 1. */
  wasmBytes: (host: number) => number;
  /** Numbers of those that were not ended. */
  running(): number[];
  /** Ends a host from within, by its number from 1. */
  die(host: number): void;
};

export function createLocalHosts(): LocalHosts {
  let count = 0;
  const running = new Set<number>();
  const deaths = new Map<number, () => void>();
  const hosts: LocalHosts = {
    sabotage: undefined,
    tookMs: () => 0,
    wasmBytes: () => 0,
    running: () => [...running],
    die: (host) => deaths.get(host)?.(),
    started: () => count,
    start: (limits, events) => {
      count += 1;
      const number = count;
      running.add(number);
      deaths.set(number, () => events.onDied('killed'));
      const port = startLocalHost(new Host(limits, () => 0), events, hosts);
      return {
        ...port,
        wasmBytes: () => hosts.wasmBytes(number),
        end: () => {
          running.delete(number);
          port.end();
        },
      };
    },
  };
  return hosts;
}

function startLocalHost(host: Host, events: HostEvents, hosts: LocalHosts): ReturnType<StartHost> {
  let begun = 0;
  let isEnded = false;
  const perform = (orders: readonly Order[]): void => {
    const answers: Answer[] = [];
    for (const order of orders) {
      begun += 1;
      const answer = host.perform(order);
      const decided = hosts.sabotage?.(order) ?? answer;
      if (decided === 'hangs') return;
      answers.push(decided.kind === 'done' ? { ...decided, tookMs: hosts.tookMs(order) } : decided);
      if (decided.kind === 'trapped') break;
    }
    if (!isEnded) events.onAnswers(answers);
  };
  return {
    post: (orders) => setImmediate(() => !isEnded && perform(orders)),
    begun: () => begun,
    end: () => {
      isEnded = true;
    },
  };
}
