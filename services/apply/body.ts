// The bytes of a revision and their digest, made piece by piece: a large team's are as many megabytes as nobody wants to hold
// twice, nor to wait for.
import type { ManifestConfig } from '@hakiri/contracts/config';
import { manifestBlocks } from '@hakiri/manifest/render';
import { runsTheSame, runtimeOf } from '@hakiri/manifest/runtime';

/** Blocks in a piece: what is done between two looks at the clock. */
const BLOCKS_AT_ONCE = 64;
/** Bytes that are hashed between two looks at the clock. */
const BYTES_AT_ONCE = 256 * 1024;
const SEPARATOR = '\n';

export type Body = { bytes: Uint8Array; digest: string };

/** As it is published. */
export function* bodyOf(config: ManifestConfig): Generator<undefined, Body> {
  const blocks: string[] = [];
  let sizeBytes = -SEPARATOR.length;
  for (const block of manifestBlocks(config)) {
    sizeBytes += Buffer.byteLength(block) + SEPARATOR.length;
    if (blocks.push(block) % BLOCKS_AT_ONCE === 0) yield;
  }
  // Once and in its size: joined as text first, or grown, there would be several of it.
  const bytes = new Uint8Array(sizeBytes);
  const target = Buffer.from(bytes.buffer);
  let at = 0;
  for (const [index, block] of blocks.entries()) {
    if (index > 0) at += target.write(SEPARATOR, at);
    at += target.write(block, at);
    if (index % BLOCKS_AT_ONCE === 0) yield;
  }
  return { bytes, digest: yield* digestOfBytes(bytes) };
}

/** Once nobody reads its bytes any more: a dozen such would lie about before a collection took them. */
export function release({ bytes }: Body): void {
  if (bytes.buffer instanceof ArrayBuffer) bytes.buffer.transfer(0);
}

/** The digest of what runs: that of the revision before where the same runs, else of all of it. */
export function* runtimeDigestOf(
  config: ManifestConfig,
  before?: { config: ManifestConfig; runtimeDigest: string | undefined },
): Generator<undefined, string> {
  if (before?.runtimeDigest !== undefined && runsTheSame(before.config, config)) return before.runtimeDigest;
  yield;
  const hash = new Bun.CryptoHasher('sha256');
  let count = 0;
  for (const block of manifestBlocks(runtimeOf(config))) {
    if (count > 0) hash.update(SEPARATOR);
    hash.update(block);
    count += 1;
    if (count % BLOCKS_AT_ONCE === 0) yield;
  }
  return named(hash);
}

export function* digestOfBytes(bytes: Uint8Array): Generator<undefined, string> {
  const hash = new Bun.CryptoHasher('sha256');
  for (let at = 0; at < bytes.length; at += BYTES_AT_ONCE) {
    hash.update(bytes.subarray(at, at + BYTES_AT_ONCE));
    yield;
  }
  return named(hash);
}

function named(hash: Bun.CryptoHasher): string {
  return `sha256:${hash.digest('hex')}`;
}
