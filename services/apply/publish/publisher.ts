// Takes a committed revision out: body, index, then `published` with its event. Every step may be repeated: whoever finds a
// `publishing` row, the consumer after a redelivery or the reconciler after a crash, starts from the first step again.
import { utf8 } from '@hakiri/base/bytes';
import {
  blobKey,
  INDEX_FILE,
  INDEX_PAGE,
  indexPageFile,
  type RevisionIndex,
  signatureFile,
} from '@hakiri/contracts/revision';
import { digestOf } from '@hakiri/manifest/digest';
import { encodeIndex } from '@hakiri/manifest/revision-index';
import { encodeSignedManifest } from '@hakiri/manifest/signature';
import { type BlobStore, BlobStoreError, type Staged } from '@hakiri/substrate/blob-store';
import type { Step } from '../requests/steps.ts';
import type { Store } from '../store/store.ts';
import type { History } from '../store/store-history.ts';
import { type RevisionRow, StoreError } from '../store/store-rows.ts';
import type { Body } from './body.ts';
import { fullPages, indexed, indexOf, type Page, planIndex } from './index-file.ts';
import { type Signing, signedManifest } from './signing.ts';

/** Somebody else replaced the index between our read and our write, so many times in a row. */
const INDEX_ATTEMPTS_LIMIT = 10;

/** Nobody may change or release the body before it was put or dropped. */
export type StagedBody = { body: Body; staged: Staged };

export type Publisher = {
  /** Sends the body of a revision ahead, which may be committed by then or not: named it is only with `put`. */
  stage(team: string, file: string, body: Body): StagedBody;
  /** Body, which is read from its row unless it was staged, and index. @throws BlobStoreError when the store is away: try again later. */
  put(row: RevisionRow, staged?: StagedBody): Promise<void>;
  /** Makes it visible and announces it. */
  finish(row: RevisionRow): Promise<void>;
};

export function createPublisher(deps: {
  store: Store;
  history: History;
  blobs: BlobStore;
  signing: Pick<Signing, 'putKeys'>;
  step: Step;
  /** Called when a revision is visible. */
  onPublished(row: RevisionRow): void;
}): Publisher {
  const { store, history, blobs, step } = deps;

  async function putBody(row: RevisionRow, sent: StagedBody | undefined): Promise<void> {
    const key = blobKey(row.team, row.meta.file);
    if (sent) return putOnce(key, sent.body.bytes, sent.staged.put);
    const body = await store.bodyOf(row.team, row.sequence);
    if (body === undefined) throw new StoreError(`revision ${row.team} ${row.sequence} lost its body`);
    await putOnce(key, body);
  }

  /** With the key that it needs: the index names nothing that cannot be verified. */
  async function putSignature({ team, meta }: RevisionRow): Promise<void> {
    const signed = signedManifest(team, meta);
    if (signed === undefined) return;
    await putOnce(blobKey(team, signatureFile(meta)), utf8(`${encodeSignedManifest(signed)}\n`));
    await deps.signing.putKeys();
  }

  /** @throws BlobStoreError when something else is there. */
  async function putOnce(
    key: string,
    bytes: Uint8Array,
    put: Staged['put'] = () => blobs.putIfAbsent(key, bytes),
  ): Promise<void> {
    const outcome = await put();
    if (outcome.kind === 'stored') return;
    const there = await blobs.get(key);
    if (!there || (await digestOf(there.bytes)) !== (await digestOf(bytes)))
      throw new BlobStoreError(
        `${key} holds something else: move it away, this revision waits for its place`,
      );
  }

  async function putIndex(row: RevisionRow): Promise<void> {
    const key = blobKey(row.team, INDEX_FILE);
    for (let attempt = 0; attempt < INDEX_ATTEMPTS_LIMIT; attempt++) {
      const there = await blobs.get(key);
      const plan = planIndex(there?.bytes, row.team, row.meta);
      if (plan.kind === 'current') return;
      // Whoever finished it meanwhile has written it, and perhaps newer ones: what is made here would take those away.
      if (plan.kind === 'rebuild' && !(await store.isPublishing(row.team, row.sequence))) return;
      if (plan.kind === 'write' && plan.page !== undefined) await putPage(row.team, plan.page);
      const bytes = encodeIndex(plan.kind === 'write' ? plan.index : await rebuiltIndex(row));
      const outcome = there
        ? await blobs.putIfMatch(key, bytes, there.etag)
        : await blobs.putIfAbsent(key, bytes);
      if (outcome.kind === 'stored') return;
    }
    throw new BlobStoreError(`${key} kept changing under us`);
  }

  const putPage = (team: string, { file, index }: Page): Promise<void> =>
    putOnce(blobKey(team, file), encodeIndex(index));

  /** Everything published, and this one; with the pages that are full. */
  async function rebuiltIndex({ team, sequence, meta }: RevisionRow): Promise<RevisionIndex> {
    const full = fullPages(sequence);
    for (let page = 1; page <= full; page++) {
      const revisions = await history.after(team, (page - 1) * INDEX_PAGE, INDEX_PAGE);
      const index = indexOf(team, page - 1, revisions.map(indexed).reverse());
      await putPage(team, { file: indexPageFile(page), index });
    }
    const left = await history.after(team, full * INDEX_PAGE, 2 * INDEX_PAGE);
    return indexOf(team, full, [...left, meta].map(indexed).reverse());
  }

  return {
    stage: (team, file, body) => ({ body, staged: blobs.stage(blobKey(team, file), body.bytes) }),
    put: async (row, sent) => {
      // Both are there before the index names them, and neither waits for the other.
      await Promise.all([putBody(row, sent), putSignature(row)]);
      await step('body_stored');
      await putIndex(row);
      await step('index_replaced');
    },
    finish: async (row) => {
      await store.finishPublished(row);
      deps.onPublished(row);
      await step('finished');
    },
  };
}
