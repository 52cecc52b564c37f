// Ids that nobody else has made. Not crypto.randomUUID: a browser has that on https and on localhost only.
import { toHex } from './bytes.ts';

/** 128 random bits, in hex. */
export function randomId(): string {
  return toHex(crypto.getRandomValues(new Uint8Array(16)));
}
