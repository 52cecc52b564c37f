// A document's archives and roots in the blob store: what is written is read back before anybody relies on it, what is read is
// believed only when its digest is the one that was written down.
import { sha256Hex } from '@hakiri/base/bytes';
import type { Logger } from '@hakiri/service/logger';
import type { BlobStore } from '@hakiri/substrate/blob-store';
import type { DocumentId } from '@hakiri/substrate/document-log';
import type { Random } from '@hakiri/substrate/random';
import {
  type BlobKind,
  blobName,
  blobPrefix,
  type HistoryIndex,
  type HistoryPolicy,
  orphans,
} from '../history/archives.ts';

export type DocumentArchiveDeps = { blobs: BlobStore; random: Random; logger: Logger };
export type StoredBlob = { name: string; digest: string; bytes: number; atMs: number };

export class ArchiveDamaged extends Error {
  override readonly name = 'ArchiveDamaged';
}

export class DocumentArchive {
  readonly #id: DocumentId;
  readonly #deps: DocumentArchiveDeps;

  constructor(id: DocumentId, deps: DocumentArchiveDeps) {
    this.#id = id;
    this.#deps = deps;
  }

  /** @throws ArchiveDamaged when it cannot be read back as it was written: then it is gone again. */
  async write(kind: BlobKind, bytes: Uint8Array, atMs: number): Promise<StoredBlob> {
    const { blobs, random } = this.#deps;
    const name = blobName(this.#id.team, this.#id.doc, kind, random.ulid(atMs));
    const stored = { name, digest: await sha256Hex(bytes), bytes: bytes.length, atMs };
    const put = await blobs.putIfAbsent(name, bytes);
    if (put.kind !== 'stored') throw new ArchiveDamaged(`${name} is there already, from somebody else`);
    if ((await this.read(stored)) !== undefined) return stored;
    await blobs.delete(name);
    throw new ArchiveDamaged(`${name} could not be read back as it was written`);
  }

  /** Undefined when it is gone or not what was written. */
  async read({ name, digest }: { name: string; digest: string }): Promise<Uint8Array | undefined> {
    const blob = await this.#deps.blobs.get(name);
    if (blob !== undefined && (await sha256Hex(blob.bytes)) === digest) return blob.bytes;
    this.#deps.logger.error('archive_damaged', { ...this.#id, name, missing: blob === undefined });
    return undefined;
  }

  /** The newest of them, oldest first, as far as there is no gap between them. */
  async readNewest(entries: readonly { name: string; digest: string }[]): Promise<Uint8Array[]> {
    const read: Uint8Array[] = [];
    for (const entry of entries.toReversed()) {
      const bytes = await this.read(entry);
      if (bytes === undefined) break;
      read.unshift(bytes);
    }
    return read;
  }

  /** Deletes what the index names no more, and what a crash left. */
  async sweep(index: HistoryIndex, nowMs: number, policy: HistoryPolicy): Promise<void> {
    const { blobs } = this.#deps;
    const names = await blobs.list(blobPrefix(this.#id.team, this.#id.doc));
    for (const name of orphans(names, index, nowMs, policy)) await blobs.delete(name);
  }
}
