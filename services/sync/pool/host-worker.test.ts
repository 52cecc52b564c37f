// A host as the main thread sees it: batches, and an end that names its culprit when it traps, hangs or dies.
import { describe, expect, test } from 'bun:test';
import { createSimulatedClock } from '@hakiri/testing/simulated-clock';
import { until } from '@hakiri/testing/until';
import { DEFAULTS } from '../config.ts';
import type { Order } from '../host/host.ts';
import { createLocalHosts } from '../testing/local-host.ts';
import { startHostThread } from './host-thread.ts';
import { HostWorker, type Outcome } from './host-worker.ts';

const VERSION = { kind: 'query', input: { name: 'version', input: undefined } } as const;

function workerOf(start = createLocalHosts().start) {
  const clock = createSimulatedClock();
  const losses: { order: Order | undefined; error: string }[] = [];
  const worker = new HostWorker({
    start,
    limits: DEFAULTS,
    clock,
    stallMs: 1_000,
    onLost: ({ culprit, error }) => losses.push({ order: culprit?.order, error }),
  });
  const outcomes: [number, Outcome['kind']][] = [];
  const ask = (order: Order): void =>
    worker.perform({ order, done: ({ kind }) => outcomes.push([order.document, kind]) });
  const open = (document: number): void =>
    ask({ document, kind: 'open', input: { base: undefined, entries: [] } });
  return { worker, clock, losses, outcomes, ask, open };
}

describe('a host', () => {
  test('[SY11.10] answers in order, in a thread of its own', async () => {
    const { worker, outcomes, ask, open } = workerOf(startHostThread);
    open(1);
    ask({ document: 2, ...VERSION });
    ask({ document: 1, ...VERSION });
    await until(() => outcomes.length === 3);
    expect(outcomes).toEqual([
      [1, 'done'],
      [2, 'failed'],
      [1, 'done'],
    ]);
    worker.end();
  });

  test('[SY11.9] that traps is lost with the order at which it did; what came before is answered', async () => {
    const hosts = createLocalHosts();
    const { losses, outcomes, ask, open } = workerOf(hosts.start);
    hosts.sabotage = ({ document }) =>
      document === 2 ? { kind: 'trapped', error: 'unreachable' } : undefined;
    open(1);
    open(2);
    ask({ document: 1, ...VERSION });
    await until(() => outcomes.length === 3);
    expect(outcomes).toEqual([
      [1, 'done'],
      [2, 'lost'],
      [1, 'lost'],
    ]);
    expect(losses).toMatchObject([{ order: { document: 2, kind: 'open' }, error: 'unreachable' }]);
  });

  test('[SY11.17] that traps at several orders at once is lost without a culprit', async () => {
    const hosts = createLocalHosts();
    const start: typeof hosts.start = (limits, events) => ({
      ...hosts.start(limits, events),
      together: () => 2,
    });
    const { losses, outcomes, ask, open } = workerOf(start);
    hosts.sabotage = () => ({ kind: 'trapped', error: 'unreachable' });
    open(1);
    ask({ document: 1, ...VERSION });
    await until(() => outcomes.length === 2);
    expect(outcomes).toEqual([
      [1, 'lost'],
      [1, 'lost'],
    ]);
    expect(losses).toEqual([{ order: undefined, error: 'unreachable' }]);
  });

  test('[SY11.9] that hangs is lost after the stall time, and no earlier', async () => {
    const hosts = createLocalHosts();
    const { clock, losses, outcomes, ask, open } = workerOf(hosts.start);
    open(1);
    await until(() => outcomes.length === 1);
    let begun = 0;
    hosts.sabotage = ({ document }) => {
      begun += 1;
      return document === 2 ? 'hangs' : undefined;
    };
    ask({ document: 1, ...VERSION });
    open(2);
    ask({ document: 1, ...VERSION });
    await until(() => begun === 2);
    await clock.advance(1_000);
    expect(losses).toEqual([]);
    await clock.advance(1_000);
    expect(losses).toMatchObject([{ order: { document: 2 } }]);
    // It never answered, so what it had done before the hang is asked again.
    expect(outcomes.slice(1)).toEqual([
      [1, 'lost'],
      [2, 'lost'],
      [1, 'lost'],
    ]);
  });

  test('[SY11.9] that dies by itself is lost with the order it was at, and with none when it was at none', async () => {
    for (const isAtOne of [true, false]) {
      const hosts = createLocalHosts();
      const { losses, outcomes, ask, open } = workerOf(hosts.start);
      let begun = 0;
      hosts.sabotage = ({ kind }) => {
        begun += 1;
        return kind === 'query' ? 'hangs' : undefined;
      };
      open(1);
      await until(() => outcomes.length === 1);
      if (isAtOne) ask({ document: 1, ...VERSION });
      if (isAtOne) await until(() => begun === 2);
      hosts.die(1);
      expect(losses).toMatchObject([
        { order: isAtOne ? { document: 1, kind: 'query' } : undefined, error: 'killed' },
      ]);
    }
  });

  test('[SY11.9] that was ended answers that all is lost', () => {
    const { worker, outcomes, open } = workerOf();
    worker.end();
    open(1);
    expect(outcomes).toEqual([[1, 'lost']]);
  });

  test('[SY2.12] holds edits for company under load, one that is alone not at all', async () => {
    const hosts = createLocalHosts();
    const batches: number[] = [];
    const { clock, outcomes, ask, open } = workerOf((limits, events) => {
      const port = hosts.start(limits, events);
      const post = (orders: readonly Order[]): void => {
        batches.push(orders.length);
        port.post(orders);
      };
      return { ...port, post, begun: () => port.begun(), end: () => port.end() };
    });
    const input = { updates: [], user: 'u', connection: 1, atMs: 0 };
    const edit = (): void => ask({ document: 1, kind: 'update', input });
    open(1);
    await until(() => outcomes.length === 1);
    // Alone, one after the other, faster than anybody edits.
    for (let count = 1; count <= 60; count++) {
      edit();
      await until(() => outcomes.length === 1 + count);
      await clock.advance(2);
    }
    batches.length = 0;
    for (let ms = 0; ms < 100; ms++) {
      edit();
      await clock.advance(1);
    }
    await clock.advance(5);
    await until(() => outcomes.length === 1 + 60 + 100);
    // The last is what was left over.
    expect(batches.slice(-11, -1)).toEqual(Array.from({ length: 10 }, () => 5));
    // Who asks for something takes them along.
    edit();
    ask({ document: 1, ...VERSION });
    await until(() => outcomes.length === 1 + 60 + 100 + 2);
    // And it passes.
    await clock.advance(100);
    edit();
    await until(() => outcomes.length === 1 + 60 + 100 + 3);
  });
});
