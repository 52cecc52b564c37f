// One-time codes and refresh tokens: random, shown once, kept as a hash. They are looked up by that hash, so how long a
// lookup takes says nothing about a code that is nearly right.
import { createHash, timingSafeEqual } from 'node:crypto';
import { toBase64Url } from '@hakiri/base/bytes';
import type { Random } from '@hakiri/substrate/random';

const SECRET_BYTES = 32;

export function newSecret(random: Random): string {
  return toBase64Url(random.bytes(SECRET_BYTES));
}

export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** In constant time, whatever the lengths. */
export function sameSecret(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
