// The notices that people have not dismissed yet: for each user the newest few, for so long and no longer. In memory; whoever
// adds to it hears what goes, so that it need not be kept any more.
import type { Notice } from '@hakiri/contracts/notice';
import type { EphemeralValue } from '../socket/ephemeral-codec.ts';

export const NOTICES_PER_USER = 100;
export const NOTICE_MAX_AGE_MS = 14 * 24 * 60 * 60_000;

export type KeptNotice = { user: string; notice: Notice };

export class NoticeBox {
  /** Oldest first. */
  readonly #users = new Map<string, Map<string, Notice>>();

  /** What had to go for it; undefined when it was there. */
  add(user: string, notice: Notice): string[] | undefined {
    const own = this.#users.get(user) ?? new Map<string, Notice>();
    if (own.has(notice.id)) return undefined;
    this.#users.set(user, own);
    own.set(notice.id, notice);
    const [oldest] = own.keys();
    if (own.size <= NOTICES_PER_USER || oldest === undefined) return [];
    own.delete(oldest);
    return [oldest];
  }

  of(user: string): Notice[] {
    return [...(this.#users.get(user)?.values() ?? [])];
  }

  /** False when it was not there. */
  remove(user: string, id: string): boolean {
    const own = this.#users.get(user);
    if (own === undefined || !own.delete(id)) return false;
    if (own.size === 0) this.#users.delete(user);
    return true;
  }

  /** Ids of the user's that are too old, which go. */
  expire(user: string, nowMs: number): string[] {
    const old = this.of(user).filter(({ at }) => Date.parse(at) + NOTICE_MAX_AGE_MS <= nowMs);
    return old.filter(({ id }) => this.remove(user, id)).map(({ id }) => id);
  }

  all(): KeptNotice[] {
    return [...this.#users].flatMap(([user, own]) => [...own.values()].map((notice) => ({ user, notice })));
  }
}

/** A notice is JSON, and JSON is a value of presence; what JSON leaves out is left out. */
export function ephemeralOf(value: unknown): EphemeralValue {
  if (Array.isArray(value)) return value.map(ephemeralOf);
  if (typeof value !== 'object' || value === null)
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
      ? value
      : null;
  const fields = Object.entries(value).filter(([, item]) => item !== undefined);
  return Object.fromEntries(fields.map(([key, item]) => [key, ephemeralOf(item)]));
}
