// A document's move to another worker, from when it is asked for until it suits: when nothing waits for an answer, or when that
// did not happen for a while. Whatever waits then is asked again, so a late move costs no more than an early one, only later.
import type { Logger } from '@hakiri/service/logger';
import type { Clock } from '@hakiri/substrate/clock';
import type { DocumentId } from '@hakiri/substrate/document-log';
import type { SyncMetrics } from '../metrics.ts';
import type { MoveReason } from '../pool/host-pool.ts';

type Deps = { clock: Clock; logger: Logger; metrics: Pick<SyncMetrics, 'moved'> };

const PATIENCE_MS = 2_000;

export class OwedMove {
  readonly #id: DocumentId;
  readonly #deps: Deps;
  readonly #move: () => void;
  /** Once found to be slow it stays so, also when it sleeps in between. */
  #isSlow = false;
  #owed: { reason: MoveReason; sinceMs: number } | undefined;

  constructor(id: DocumentId, deps: Deps, move: () => void) {
    this.#id = id;
    this.#deps = deps;
    this.#move = move;
  }

  owe(reason: MoveReason, isQuiet: boolean): void {
    this.#isSlow ||= reason === 'slow';
    this.#owed ??= { reason, sinceMs: this.#deps.clock.now() };
    this.look(isQuiet);
  }

  /** It is opened anew, for whatever reason: nothing is owed any more. Whether it is slow. */
  begun(): boolean {
    this.#owed = undefined;
    return this.#isSlow;
  }

  /** Moves when it is time. */
  look(isQuiet: boolean): void {
    if (this.#owed === undefined) return;
    const { clock, logger, metrics } = this.#deps;
    const { reason, sinceMs } = this.#owed;
    if (!isQuiet && clock.now() - sinceMs < PATIENCE_MS) return;
    logger.info('document_moves', { ...this.#id, reason });
    metrics.moved(reason);
    this.#move();
  }
}
