// The digest of a manifest's bytes, as revisions and ETags carry it.
import { sha256Hex } from '@hakiri/base/bytes';

export async function digestOf(bytes: Uint8Array): Promise<string> {
  return `sha256:${await sha256Hex(bytes)}`;
}
