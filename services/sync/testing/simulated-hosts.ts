// Hosts that perform an order when the simulation lets them, and trap, hang or die when it says so. What goes in and comes out
// crosses as it does between threads.
import type { Prng } from '@hakiri/base/prng';
import { type Answer, Host, type Order, updatesTogether } from '../host/host.ts';
import { packAnswers, packOrders, unpackAnswers, unpackOrders } from '../host/wire.ts';
import type { HostEvents, StartHost } from '../pool/host-thread.ts';

export type HostFault = 'trap' | 'hang' | 'die';
/** No update of Loro begins like these. At the first every host traps, at the second it hangs. */
export const TRAPPING = Uint8Array.of(0x54, 0x52, 0x41, 0x50);
export const HANGING = Uint8Array.of(0x48, 0x41, 0x4e, 0x47);

export class SimulatedHosts {
  readonly counts = { started: 0, orders: 0, traps: 0, hangs: 0, deaths: 0 };
  #hosts: SimulatedHost[] = [];

  readonly start: StartHost = (limits, events) => {
    this.counts.started += 1;
    const host = new SimulatedHost(new Host(limits, () => 0), events);
    this.#hosts.push(host);
    return {
      post: (orders) => host.post(orders),
      begun: () => host.begun,
      together: () => host.together,
      end: () => {
        host.end();
        this.#hosts = this.#hosts.filter((one) => one !== host);
      },
    };
  };

  get isBusy(): boolean {
    return this.#hosts.some((host) => host.hasWork);
  }

  /** Documents in all of them. */
  get held(): number {
    return this.#hosts.reduce((sum, { documents }) => sum + documents.size, 0);
  }

  /** Performs one order, or those that are performed together. */
  step(prng: Prng, fault?: HostFault): void {
    const busy = this.#hosts.filter((host) => host.hasWork);
    if (busy.length === 0) return;
    this.counts.orders += 1;
    const done = prng.pick(busy).step(fault);
    if (done === 'trap') this.counts.traps += 1;
    if (done === 'hang') this.counts.hangs += 1;
    if (done === 'die') this.counts.deaths += 1;
  }

  end(): void {
    for (const host of this.#hosts) host.end();
    this.#hosts = [];
  }
}

class SimulatedHost {
  readonly documents = new Set<number>();
  begun = 0;
  together = 1;
  readonly #host: Host;
  readonly #events: HostEvents;
  readonly #batches: (readonly Order[])[] = [];
  #answers: Answer[] = [];
  #isHanging = false;
  #isEnded = false;

  constructor(host: Host, events: HostEvents) {
    this.#host = host;
    this.#events = events;
  }

  get hasWork(): boolean {
    return !this.#isEnded && !this.#isHanging && this.#batches.length > 0;
  }

  post(orders: readonly Order[]): void {
    this.#batches.push(unpackOrders(crossed(packOrders(orders))));
  }

  step(fault: HostFault | undefined): HostFault | undefined {
    const batch = this.#batches[0];
    const order = batch?.[this.#answers.length];
    if (batch === undefined || order === undefined) return undefined;
    const together = updatesTogether(batch, this.#answers.length);
    const struck = [order, ...together].map(faultIn).find((one) => one !== undefined) ?? fault;
    if (struck === 'die') {
      this.#events.onDied('killed');
      return struck;
    }
    this.together = Math.max(1, together.length);
    this.begun += this.together;
    this.#isHanging = struck === 'hang';
    if (struck === 'hang') return struck;
    if (struck === 'trap') this.#answers.push({ kind: 'trapped', error: 'unreachable' });
    else if (together.length > 1) this.#answers.push(...this.#host.performTogether(together));
    else this.#answers.push(this.#host.perform(order));
    if (order.kind === 'open') this.documents.add(order.document);
    if (order.kind === 'close') this.documents.delete(order.document);
    if (struck === undefined && this.#answers.length < batch.length) return undefined;
    this.#batches.shift();
    this.#events.onAnswers(unpackAnswers(crossed(packAnswers(batch, this.#answers.splice(0)))));
    return struck;
  }

  /** Loro's memory is not the thread's here: it goes back at once. */
  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    for (const document of this.documents) this.#host.perform({ document, kind: 'close', input: undefined });
    this.documents.clear();
  }
}

/** A string is copied anyway. */
function crossed<T>(message: T): T {
  return typeof message === 'string' ? message : structuredClone(message);
}

function faultIn(order: Order): HostFault | undefined {
  if (order.kind !== 'update') return undefined;
  const begins = (with_: Uint8Array) =>
    order.input.updates.some((update) => with_.every((byte, at) => update[at] === byte));
  if (begins(TRAPPING)) return 'trap';
  return begins(HANGING) ? 'hang' : undefined;
}
