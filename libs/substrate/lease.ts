// Port: who does a job that only one process may do at a time. The epoch grows with every change of holder; writers
// carry it, so a holder that lost its lease without noticing is refused. Adapters: embedded/, nats/.

export type Acquired = { kind: 'held'; epoch: number } | { kind: 'taken'; by: string };

export interface Lease {
  /** Takes a lease that is free or expired, or that `holder` has already (same epoch then). */
  acquire(name: string, holder: string, ttlMs: number): Promise<Acquired>;
  /** False when it was lost: stop at once. */
  renew(name: string, holder: string, epoch: number, ttlMs: number): Promise<boolean>;
  release(name: string, holder: string, epoch: number): Promise<void>;
}
