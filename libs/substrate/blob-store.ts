// Port: named bytes with conditional writes. Adapters: directory/ (write, fsync, rename, fsync of the directory); S3 later.
// Keys are `/`-separated names of [A-Za-z0-9@._-]; no `.` or `..` segments.

export type Blob = { bytes: Uint8Array; etag: string };
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
