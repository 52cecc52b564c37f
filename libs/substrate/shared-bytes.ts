// Bytes for more than one thread. They go from thread to thread without a copy, and without being taken from whoever has them.

/** Smaller ones are copied faster than they are shared. */
const SHARED_BYTES = 64 * 1024;

/** In memory that threads share, when that is worth it; always a copy. */
export function sharedCopy(bytes: Uint8Array): Uint8Array {
  if (bytes.length < SHARED_BYTES) return new Uint8Array(bytes);
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
  shared.set(bytes);
  return shared;
}
