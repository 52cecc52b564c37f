// Port: named bytes with conditional writes. Adapters: directory/ (write, fsync, rename, fsync of the directory) and s3/.
// Keys are `/`-separated names of [A-Za-z0-9@._-]; no `.` or `..` segments.

/** Whoever replaces it reads the etag before they change the bytes: a store may make it of them. */
export type Blob = { bytes: Uint8Array; readonly etag: string };
/** `exists` and `mismatch` may tell of one's own write when an answer was lost: look at what is there. */
export type PutOutcome = { kind: 'stored' } | { kind: 'exists' } | { kind: 'mismatch' };

/** Bytes on their way to a name. They must not change until one of the two has settled. */
export type Staged = {
  /** As `putIfAbsent` does; once. */
  put(): Promise<PutOutcome>;
  /** They get no name, and nothing is left of them; after a `put` it does nothing. */
  drop(): Promise<void>;
};

export interface BlobStore {
  /** Its bytes are memory of their own: whoever asked may change them, or let them go. */
  get(key: string): Promise<Blob | undefined>;
  /** Durable when it answers `stored`; `exists` leaves what is there. */
  putIfAbsent(key: string, bytes: Uint8Array): Promise<PutOutcome>;
  /**
   * Takes in what shall have a name only when something else is settled meanwhile. A store that can has the bytes on disk by then;
   * nobody sees them before `put`. What fails meanwhile `put` tells.
   */
  stage(key: string, bytes: Uint8Array): Staged;
  /** Replaces exactly the version `etag` names; `mismatch` when it is another, or gone. */
  putIfMatch(key: string, bytes: Uint8Array, etag: string): Promise<PutOutcome>;
  /** Keys that start with `prefix`, in byte order. */
  list(prefix: string): Promise<string[]>;
  /**
   * The names directly below `prefix`, which ends with a slash, that have keys below them, in byte order; in a directory also
   * one that had. Takes as long as there are names, and not as there are keys.
   */
  folders(prefix: string): Promise<string[]>;
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

/** Of a store that has nowhere to put bytes before they have a name. */
export function stagedAsPut(put: () => Promise<PutOutcome>): Staged {
  return { put, drop: async () => {} };
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
    stage: (key, bytes) => {
      const staged = store.stage(key, bytes);
      return {
        put: () => named('put', key, staged.put),
        drop: () => named('drop', key, staged.drop),
      };
    },
    putIfMatch: (key, bytes, etag) => named('putIfMatch', key, () => store.putIfMatch(key, bytes, etag)),
    list: (prefix) => named('list', prefix, () => store.list(prefix)),
    folders: (prefix) => named('folders', prefix, () => store.folders(prefix)),
    delete: (key) => named('delete', key, () => store.delete(key)),
  };
}
