// Documents at whose opening workers were lost: something in their log makes Loro trap or hang. They are opened where nobody
// else is disturbed, and after a few losses not at all for a while. Nothing is forgotten when one opens well, as it may trap
// only now and then; who gave no trouble for an hour is trusted again.
import type { Clock } from '@hakiri/substrate/clock';
import type { DocumentId } from '@hakiri/substrate/document-log';

type Suspicion = { losses: number; lastMs: number; refusedUntilMs: number };

/** Losses before it is refused; after that each one is enough. */
const LOSSES = 3;
const REFUSE_MS = 10 * 60_000;
const TRUST_MS = 60 * 60_000;
/** The one whose last loss is longest ago is forgotten first. */
const REMEMBERED = 1_000;

export class Suspects {
  /** After every loss. */
  onLost: (id: DocumentId, isRefused: boolean) => void = () => {};
  readonly #clock: Pick<Clock, 'now'>;
  readonly #known = new Map<string, Suspicion>();

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  /** It is to be alone when it is opened. */
  has(id: DocumentId): boolean {
    return this.#find(id) !== undefined;
  }

  isRefused(id: DocumentId): boolean {
    return (this.#find(id)?.refusedUntilMs ?? 0) > this.#clock.now();
  }

  lost(id: DocumentId): void {
    const key = keyOf(id);
    const nowMs = this.#clock.now();
    const losses = (this.#find(id)?.losses ?? 0) + 1;
    const isRefused = losses >= LOSSES;
    this.#known.delete(key);
    this.#known.set(key, { losses, lastMs: nowMs, refusedUntilMs: isRefused ? nowMs + REFUSE_MS : 0 });
    const [oldest] = this.#known.keys();
    if (this.#known.size > REMEMBERED && oldest !== undefined) this.#known.delete(oldest);
    this.onLost(id, isRefused);
  }

  #find(id: DocumentId): Suspicion | undefined {
    const known = this.#known.get(keyOf(id));
    return known !== undefined && this.#clock.now() - known.lastMs < TRUST_MS ? known : undefined;
  }
}

function keyOf({ team, doc }: DocumentId): string {
  return `${team}/${doc}`;
}
