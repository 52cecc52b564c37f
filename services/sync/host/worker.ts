// The worker: a host of documents in a thread and a wasm instance of its own. Takes orders in batches and answers each batch
// at once. Of a trap nothing survives here: the answer that says so is the last.
import type { DocumentLimits } from './document.ts';
import { type Answer, Host, updatesTogether } from './host.ts';
import { BEGUN, PAGE_BYTES, PAGES, TOGETHER } from './progress.ts';
import { transferOfAnswers } from './transfer.ts';
import { wasmBytes } from './wasm-memory.ts';
import { packAnswers, unpackOrders, type WireAnswers, type WireOrders } from './wire.ts';

/**
 * First: how the host is made. `progress` is seen from outside at any time: how many orders were begun, and how many of them
 * together, so that a hang has a culprit; and how many pages of memory the wasm instance has.
 */
export type Start = { limits: DocumentLimits; progress: Int32Array<SharedArrayBuffer> };
export type FromMain = { start: Start } | WireOrders;

declare const self: {
  onmessage: ((event: MessageEvent<FromMain>) => void) | null;
  postMessage(answers: WireAnswers, transfer: Transferable[]): void;
};

let host: Host | undefined;
let progress: Int32Array<SharedArrayBuffer> | undefined;

self.onmessage = ({ data }) => {
  if (typeof data === 'object' && 'start' in data) {
    host = new Host(data.start.limits, () => performance.now());
    progress = data.start.progress;
    return;
  }
  const orders = unpackOrders(data);
  const answers: Answer[] = [];
  for (let at = 0; at < orders.length; at = answers.length) {
    const order = orders[at];
    if (host === undefined || progress === undefined || order === undefined) return;
    const together = updatesTogether(orders, at);
    Atomics.store(progress, TOGETHER, Math.max(1, together.length));
    Atomics.add(progress, BEGUN, Math.max(1, together.length));
    answers.push(...(together.length > 1 ? host.performTogether(together) : [host.perform(order)]));
    if (answers.at(-1)?.kind === 'trapped') break;
  }
  if (progress !== undefined) Atomics.store(progress, PAGES, wasmBytes() / PAGE_BYTES);
  self.postMessage(packAnswers(orders, answers), transferOfAnswers(answers));
};
