// Who may hand work in for rescue at once. Each is read whole and waits for the one scratch host, so without a bound a loop of
// requests fills memory and makes everybody else wait behind it.
export type RescueLimits = {
  /** Requests of one user that were not answered yet. */
  openPerUser: number;
  /** Of all requests that were not answered yet, together. */
  openBytes: number;
};

export class RescueGate {
  readonly #limits: RescueLimits;
  readonly #open = new Map<string, number>();
  #bytes = 0;

  constructor(limits: RescueLimits) {
    this.#limits = limits;
  }

  /** `leave` once it was answered. */
  enter(user: string, bytes: number): { kind: 'entered'; leave(): void } | { kind: 'own' | 'full' } {
    const { openPerUser, openBytes } = this.#limits;
    const open = this.#open.get(user) ?? 0;
    if (open >= openPerUser) return { kind: 'own' };
    if (this.#bytes + bytes > openBytes) return { kind: 'full' };
    this.#open.set(user, open + 1);
    this.#bytes += bytes;
    return {
      kind: 'entered',
      leave: () => {
        this.#bytes -= bytes;
        const left = (this.#open.get(user) ?? 1) - 1;
        if (left === 0) this.#open.delete(user);
        else this.#open.set(user, left);
      },
    };
  }
}
