// Bodies as apply's database keeps them: compressed, as a manifest says much the same in each entry and what is committed is
// written twice. Level 1 of zstd makes a tenth of it, off the event loop and faster than the disk takes the whole.
const LEVEL = 1;

export async function pack(bytes: Uint8Array): Promise<Buffer> {
  return Bun.zstdCompress(bytes, { level: LEVEL });
}

/** @throws when the bytes are not of `pack`. */
export async function unpack(packed: Uint8Array): Promise<Uint8Array> {
  return Bun.zstdDecompress(packed);
}
