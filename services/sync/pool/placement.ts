// Which worker a document belongs into, and when a worker has served its time. Pure rules; host-pool.ts follows them.

export type PlacementLimits = {
  /** Wasm memory of all workers. Past it, documents go to sleep, and the largest worker is replaced: its memory never shrinks. */
  memoryBytes: number;
  /** A document whose log is larger gets a worker of its own. */
  ownBytes: number;
  /**
   * So does one whose slow commands together took `slowTotalMs` within `slowWindowMs`: for so long all others in its worker stood
   * still. Slow is a command that took longer than `slowMs`.
   */
  slowMs: number;
  slowTotalMs: number;
  slowWindowMs: number;
  /** Workers of one document each, beside those that documents share. */
  ownWorkers: number;
  /** A worker with less memory is never replaced. */
  recycleBytes: number;
  /** Nor one that is younger: its memory is what its documents need. */
  recycleAgeMs: number;
  /** Between two looks at a pool that is past its bound: what was begun needs time. */
  pressurePauseMs: number;
};

/** What the host holds beside the bytes of a document's log: also empty documents cost something. */
export const DOCUMENT_BYTES = 16 * 1024;
/** What is left in a worker, against the most that was in it at once. */
const WASTE_FACTOR = 4;

/** It had far more in it than it has now, and keeps the memory of that. */
export function isWasteful(
  { wasmBytes, bytes, peakBytes }: { wasmBytes: number; bytes: number; peakBytes: number },
  { recycleBytes }: PlacementLimits,
): boolean {
  return wasmBytes >= recycleBytes && bytes * WASTE_FACTOR <= peakBytes;
}

/** Of one document: how long its slow commands made others wait lately. */
export class Slowness {
  #slow: { atMs: number; tookMs: number }[] = [];

  /** True when it was too long in all. */
  add(tookMs: number, nowMs: number, { slowMs, slowTotalMs, slowWindowMs }: PlacementLimits): boolean {
    if (tookMs <= slowMs) return false;
    // So many are enough, whatever came before them.
    const enough = Math.ceil(slowTotalMs / slowMs);
    this.#slow = [...this.#slow, { atMs: nowMs, tookMs }]
      .filter(({ atMs }) => atMs > nowMs - slowWindowMs)
      .slice(-enough);
    return this.#slow.reduce((sum, slow) => sum + slow.tookMs, 0) >= slowTotalMs;
  }
}
