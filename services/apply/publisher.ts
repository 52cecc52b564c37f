// Takes a committed revision out: body, index, then `published` with its event. Every step may be repeated: whoever finds a
// `publishing` row, the consumer after a redelivery or the reconciler after a crash, starts from the first step again.
import { utf8 } from '@hakiri/base/bytes';
import { blobKey, bodyFile, INDEX_FILE, type RevisionIndex } from '@hakiri/contracts/apply';
import { digestOf } from '@hakiri/manifest/digest';
import { type BlobStore, BlobStoreError } from '@hakiri/substrate/blob-store';
import { encodeIndex, indexed, planIndex } from './index-file.ts';
import type { Step } from './steps.ts';
import { type RevisionRow, type Store, StoreError } from './store.ts';
import type { History } from './store-history.ts';

/** Somebody else replaced the index between our read and our write, so many times in a row. */
const INDEX_ATTEMPTS_LIMIT = 10;
const REBUILD_PAGE = 500;

export type Publisher = {
  /** Body and index. @throws BlobStoreError when the store is away: try again later. */
  put(row: RevisionRow): Promise<void>;
  /** Makes it visible and announces it. */
  finish(row: RevisionRow): Promise<void>;
};

export function createPublisher(deps: {
  store: Store;
  history: History;
  blobs: BlobStore;
  step: Step;
  /** Called when a revision is visible. */
  onPublished(row: RevisionRow): void;
}): Publisher {
  const { store, history, blobs, step } = deps;

  async function putBody(row: RevisionRow): Promise<void> {
    if (row.body === null) throw new StoreError(`revision ${row.team} ${row.number} lost its body`);
    const key = blobKey(row.team, bodyFile(row.number));
    const outcome = await blobs.putIfAbsent(key, utf8(row.body));
    if (outcome.kind === 'stored') return;
    const there = await blobs.get(key);
    if (!there || (await digestOf(there.bytes)) !== row.digest)
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
      const bytes = encodeIndex(plan.kind === 'write' ? plan.index : await rebuiltIndex(row));
      const outcome = there
        ? await blobs.putIfMatch(key, bytes, there.etag)
        : await blobs.putIfAbsent(key, bytes);
      if (outcome.kind === 'stored') return;
    }
    throw new BlobStoreError(`${key} kept changing under us`);
  }

  /** Everything published, and this one. */
  async function rebuiltIndex(row: RevisionRow): Promise<RevisionIndex> {
    const revisions = [indexed(row.meta)];
    for (;;) {
      const before = revisions.at(-1)?.number ?? row.number;
      const page = await history.before(row.team, before, REBUILD_PAGE);
      revisions.push(...page.map(indexed));
      if (page.length < REBUILD_PAGE) return { format: 1, team: row.team, revisions };
    }
  }

  return {
    put: async (row) => {
      await putBody(row);
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
