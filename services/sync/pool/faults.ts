// Who makes workers and documents start anew, and how often. A trap or a document that has to be loaded again costs everybody
// who shares it a moment; whoever causes more than a few is refused for a while, so that the others are not disturbed. Pure:
// time comes in.
import { type Bucket, type BucketRate, fullBucket, takeToken } from '@hakiri/service/token-bucket';

export type FaultLimits = {
  /** What one user may cause, in all documents together. */
  user: BucketRate;
  /** What may happen to one document, whoever causes it. Past it one more fault is enough, whoever's it is. */
  document: BucketRate;
  /** For so long a user's updates and joins are refused. */
  coolMs: number;
  /** Users and documents that are remembered; the one whose last fault is longest ago is forgotten first. */
  remembered: number;
};

/** `harmful`: a worker trapped or hung at it, or Loro failed. `reload`: too much waits in the document for what it lacks. */
export type FaultKind = 'harmful' | 'reload';

const COST: Record<FaultKind, number> = { harmful: 2, reload: 1 };

type Standing = { bucket: Bucket; coolUntilMs: number };

export class Faults {
  readonly #limits: FaultLimits;
  readonly #users = new Map<string, Standing>();
  readonly #documents = new Map<string, Bucket>();

  constructor(limits: FaultLimits) {
    this.#limits = limits;
  }

  /** True when the user is refused from now on. */
  add(user: string, document: string, kind: FaultKind, nowMs: number): boolean {
    const { user: userRate, coolMs } = this.#limits;
    const before = this.#users.get(user) ?? { bucket: fullBucket(userRate, nowMs), coolUntilMs: 0 };
    const ofUser = takeToken(before.bucket, userRate, nowMs, COST[kind]);
    const isForgiven = this.addToDocument(document, kind, nowMs);
    const isTooMany = !ofUser.taken || !isForgiven;
    const coolUntilMs = isTooMany ? nowMs + coolMs : before.coolUntilMs;
    this.#remember(this.#users, user, { bucket: ofUser.bucket, coolUntilMs });
    return isTooMany;
  }

  /** By nobody in particular, as far as is known. False when that was too many. */
  addToDocument(document: string, kind: FaultKind, nowMs: number): boolean {
    const { document: rate } = this.#limits;
    const bucket = this.#documents.get(document) ?? fullBucket(rate, nowMs);
    const taken = takeToken(bucket, rate, nowMs, COST[kind]);
    this.#remember(this.#documents, document, taken.bucket);
    return taken.taken;
  }

  isCooling(user: string, nowMs: number): boolean {
    return (this.#users.get(user)?.coolUntilMs ?? 0) > nowMs;
  }

  /** The last written last. */
  #remember<T>(map: Map<string, T>, key: string, value: T): void {
    map.delete(key);
    map.set(key, value);
    const [oldest] = map.keys();
    if (map.size > this.#limits.remembered && oldest !== undefined) map.delete(oldest);
  }
}
