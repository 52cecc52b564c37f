// New Loro peer ids, for a client that asks for some.
import type { Random } from '@hakiri/substrate/random';
import { AHEAD_LIMIT } from '../host/leases.ts';

/** Uniform over 63 bits: Loro takes any 64, and two that meet by chance are told apart by their leases. */
export function freshPeers(random: Random): `${number}`[] {
  return Array.from({ length: AHEAD_LIMIT }, () => {
    const { buffer } = random.bytes(8);
    const id = new DataView(buffer).getBigUint64(0) >> 1n;
    return `${id}` as `${number}`;
  });
}
