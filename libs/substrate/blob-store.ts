// Port: named bytes with conditional writes. Adapters: directory/ (write, fsync, rename, fsync of the directory) and s3/.
// Keys are `/`-separated names of [A-Za-z0-9@._-]; no `.` or `..` segments.

export type Blob = { bytes: Uint8Array; etag: string };
/** `exists` and `mismatch` may tell of one's own write when an answer was lost: look at what is there. */
export type PutOutcome = { kind: 'stored'; etag: string } | { kind: 'exists' } | { kind: 'mismatch' };

export interface BlobStore {
  get(key: string): Promise<Blob | undefined>;
  /** Durable when it answers `stored`; `exists` leaves what is there. */
  putIfAbsent(key: string, bytes: Uint8Array): Promise<PutOutcome>;
  /** Replaces exactly the version `etag` names; `mismatch` when it is another, or gone. */
  putIfMatch(key: string, bytes: Uint8Array, etag: string): Promise<PutOutcome>;
  /** Keys that start with `prefix`, in byte order. */
  list(prefix: string): Promise<string[]>;
  /** Deleting what is not there is fine. */
  delete(key: string): Promise<void>;
}

export class BlobStoreError extends Error {
  override readonly name = 'BlobStoreError';
}

const SEGMENT = /^[A-Za-z0-9@._-]{1,200}$/;

/** The key's segments. @throws BlobStoreError when it could leave the store, or hide in it. */
export function segmentsOf(key: string): string[] {
  const segments = key.split('/');
  if (!segments.every((segment) => SEGMENT.test(segment) && segment !== '.' && segment !== '..'))
    throw new BlobStoreError(`not a key: ${JSON.stringify(key)}`);
  return segments;
}

/** Whatever a store says becomes a BlobStoreError that names the operation and the key. */
export function withNamedErrors(
  store: BlobStore,
  causeOf: (error: unknown) => unknown = (error) => error,
): BlobStore {
  async function named<T>(what: string, key: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof BlobStoreError) throw error;
      throw new BlobStoreError(`${what} ${key} failed`, { cause: causeOf(error) });
    }
  }
  return {
    get: (key) => named('get', key, () => store.get(key)),
    putIfAbsent: (key, bytes) => named('putIfAbsent', key, () => store.putIfAbsent(key, bytes)),
    putIfMatch: (key, bytes, etag) => named('putIfMatch', key, () => store.putIfMatch(key, bytes, etag)),
    list: (prefix) => named('list', prefix, () => store.list(prefix)),
    delete: (key) => named('delete', key, () => store.delete(key)),
  };
}
