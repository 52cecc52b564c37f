// Which key signs when, and what the key set says of them. Pure: everything follows from the rows and the time.
import { present } from '@hakiri/base/assert';
import type { SigningKey, SigningKeySet } from '@hakiri/contracts/delivery';
import { isoTime } from '../requests/iso-time.ts';
import type { KeyRow } from '../store/store-keys.ts';

/**
 * The newest whose time has come. `before` is the key of the revision before: no process whose clock is late goes back behind
 * it, as readers refuse that. `rows` oldest first.
 */
export function signingKey(rows: readonly KeyRow[], nowMs: number, before?: string): KeyRow | undefined {
  const used = rows.find(({ kid }) => kid === before)?.ordinal ?? 0;
  const due = rows.filter(({ ordinal, signsFromMs }) => ordinal <= used || signsFromMs <= nowMs);
  const last = due.at(-1);
  // A process whose clock is ahead has forgotten the private key that is due here, or all were replaced at once.
  return last?.privateKey === null ? rows.find(({ privateKey }) => privateKey !== null) : last;
}

/** Published, and not signing yet. */
export function nextKey(rows: readonly KeyRow[], nowMs: number): KeyRow | undefined {
  return rows.find(({ signsFromMs }) => signsFromMs > nowMs);
}

export function keySetOf(rows: readonly KeyRow[]): SigningKeySet {
  return {
    keys: rows.map((row, index): SigningKey => {
      const later = rows.slice(index + 1).map((_, place) => signsSinceMs(rows, index + 1 + place));
      const until = later.length === 0 ? undefined : Math.min(...later);
      const sinceMs = signsSinceMs(rows, index);
      return {
        kty: 'OKP',
        crv: 'Ed25519',
        alg: 'EdDSA',
        use: 'sig',
        kid: row.kid,
        x: row.publicKey,
        signsFrom: isoTime(row.signsFromMs),
        ...(sinceMs === row.signsFromMs ? {} : { signsSince: isoTime(sinceMs) }),
        ...(until === undefined ? {} : { signsUntil: isoTime(until) }),
        ...(row.endorsement === null ? {} : { endorsement: row.endorsement }),
      };
    }),
  };
}

/** A key that was made while another waited took its place at once: what it says that it signs from only ranks it behind that. */
function signsSinceMs(rows: readonly KeyRow[], index: number): number {
  const [before, row] = [rows[index - 1], present(rows[index], 'an index of the rows')];
  return before !== undefined && before.signsFromMs > row.createdAtMs ? row.createdAtMs : row.signsFromMs;
}
