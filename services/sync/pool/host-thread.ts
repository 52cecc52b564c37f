// Starts a host in a worker of its own. What the main thread knows of it is this port.
import type { DocumentLimits } from '../host/document.ts';
import type { Answer, Order } from '../host/host.ts';
import { BEGUN, PAGE_BYTES, PAGES, PROGRESS_SLOTS, TOGETHER } from '../host/progress.ts';
import { transferOfOrders } from '../host/transfer.ts';
import { packOrders, unpackAnswers, type WireAnswers } from '../host/wire.ts';
import type { FromMain } from '../host/worker.ts';

export type HostPort = {
  post(orders: readonly Order[]): void;
  /** Orders that were begun since the start: the last of them is the one that hangs, when one does. */
  begun(): number;
  /** How many of those begun last are performed together; then nobody knows which of them traps or hangs. */
  together?(): number;
  /** What its documents occupy, as far as that is known. It never gets less. */
  wasmBytes?(): number;
  end(): void;
};
export type HostEvents = {
  onAnswers(answers: readonly Answer[]): void;
  /** It is gone by itself. */
  onDied(error: string): void;
};
export type StartHost = (limits: DocumentLimits, events: HostEvents) => HostPort;

export const startHostThread: StartHost = (limits, { onAnswers, onDied }) => {
  // Collects garbage by what it holds, and not first when there are 32 MB of it.
  const worker = new Worker(new URL('../host/worker.ts', import.meta.url).href, { smol: true });
  const progress = new Int32Array(new SharedArrayBuffer(PROGRESS_SLOTS * Int32Array.BYTES_PER_ELEMENT));
  const post = (message: FromMain, transfer: Transferable[] = []): void =>
    worker.postMessage(message, transfer);
  worker.onmessage = ({ data }: MessageEvent<WireAnswers>) => onAnswers(unpackAnswers(data));
  worker.onerror = ({ message }) => onDied(message);
  worker.addEventListener('close', () => onDied('the worker ended'));
  const { update, deltaCounters, pending } = limits;
  post({ start: { limits: { update, deltaCounters, pending }, progress } });
  return {
    post: (orders) => post(packOrders(orders), transferOfOrders(orders)),
    begun: () => Atomics.load(progress, BEGUN),
    together: () => Atomics.load(progress, TOGETHER),
    wasmBytes: () => Atomics.load(progress, PAGES) * PAGE_BYTES,
    end: () => worker.terminate(),
  };
};
