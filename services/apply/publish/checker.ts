// Reads all that a team has published and says what is not as it was published. Deletes nothing unless asked, and then only
// names that are apply's own and that no revision has.
import { utf8 } from '@hakiri/base/bytes';
import { blobKey, coldFile, type RevisionIndex, signatureFile } from '@hakiri/contracts/revision';
import {
  FINDINGS_LIMIT,
  type StoreCheckLine,
  type StoreFinding,
  type StoreReport,
} from '@hakiri/contracts/store-check';
import { digestOf } from '@hakiri/manifest/digest';
import { readBody } from '@hakiri/manifest/read-body';
import { decodeIndex } from '@hakiri/manifest/revision-index';
import { encodeSignedManifest } from '@hakiri/manifest/signature';
import type { Cause } from '@hakiri/service/messaging';
import type { BlobStore } from '@hakiri/substrate/blob-store';
import type { Clock } from '@hakiri/substrate/clock';
import type { Store } from '../store/store.ts';
import { type CheckPlan, indexFindings, type KeptRevision, planCheck } from './check-plan.ts';
import { signedManifest } from './signing.ts';

const ROWS_AT_ONCE = 500;
/** Bodies in memory at once. */
const READS_AT_ONCE = 4;
/** Between two lines of progress. */
const PROGRESS_MS = 500;

export type Checker = {
  /**
   * Undefined when a check of the team is under way, or ended less than the pause ago.
   */
  check(asked: {
    team: string;
    cause: Cause;
    deleteUnreferenced: boolean;
  }): AsyncGenerator<StoreCheckLine, void> | undefined;
};

export function createChecker(deps: {
  store: Pick<Store, 'keptRevisions' | 'audit'>;
  blobs: BlobStore;
  clock: Clock;
  checkPauseMs: number;
  /** Called when an audit record is in the outbox. */
  onAudited(): void;
}): Checker {
  const { store, blobs, clock } = deps;
  /** By team, when it may be checked again. */
  const busyUntil = new Map<string, number>();

  function begins(team: string): boolean {
    for (const [other, untilMs] of busyUntil) if (untilMs <= clock.now()) busyUntil.delete(other);
    if (busyUntil.has(team)) return false;
    busyUntil.set(team, Number.POSITIVE_INFINITY);
    return true;
  }

  async function keptOf(team: string): Promise<KeptRevision[]> {
    const kept: KeptRevision[] = [];
    for (;;) {
      const rows = await store.keptRevisions(team, kept.at(-1)?.revision.sequence ?? 0, ROWS_AT_ONCE);
      kept.push(...rows);
      if (rows.length < ROWS_AT_ONCE) return kept;
    }
  }

  async function verify(team: string, { revision, cold }: KeptRevision): Promise<StoreFinding[]> {
    const { file } = revision;
    const findings: StoreFinding[] = [];
    const read = async (key: string): Promise<Uint8Array | undefined> => (await blobs.get(key))?.bytes;
    const found = await readBody(read, team, revision, { coldFirst: cold });
    // What should have moved and is only where it was is no leftover.
    if (cold && (found.kind === 'absent' || found.file === file))
      findings.push({ kind: 'missing', file: coldFile(file) });
    if (found.kind === 'absent') return [...findings, { kind: 'missing', file }];
    if (found.kind === 'damaged') findings.push({ kind: 'damaged', file });
    const signed = signedManifest(team, revision);
    if (signed === undefined) return findings;
    const beside = signatureFile(revision);
    const signature = await blobs.get(blobKey(team, beside));
    if (!signature) findings.push({ kind: 'missing', file: beside });
    else if (
      (await digestOf(signature.bytes)) !== (await digestOf(utf8(`${encodeSignedManifest(signed)}\n`)))
    )
      findings.push({ kind: 'damaged', file: beside });
    return findings;
  }

  async function readIndexes(team: string, { indexFiles }: CheckPlan) {
    const read = new Map<string, RevisionIndex | undefined>();
    for (const file of indexFiles) {
      const blob = await blobs.get(blobKey(team, file));
      read.set(file, blob && decodeIndex(blob.bytes)?.index);
    }
    return read;
  }

  async function remove(team: string, files: readonly string[], bad: ReadonlySet<string>): Promise<number> {
    let deleted = 0;
    for (const file of files) {
      // Where the copy in the prefix is no good this one may be all there is.
      if (bad.has(file) || bad.has(coldFile(file))) continue;
      await blobs.delete(blobKey(team, file));
      deleted += 1;
    }
    return deleted;
  }

  async function* run(
    team: string,
    cause: Cause,
    deletes: boolean,
  ): AsyncGenerator<StoreCheckLine, StoreReport> {
    const prefix = blobKey(team, '');
    const files = (await blobs.list(prefix)).map((key) => key.slice(prefix.length));
    const kept = await keptOf(team);
    const plan = planCheck(kept, files);
    const findings: StoreFinding[] = [];
    let toldAtMs = clock.now();
    const progress = (checked: number): StoreCheckLine => ({
      kind: 'progress',
      checked,
      revisions: plan.verify.length,
    });
    yield progress(0);
    for (let at = 0; at < plan.verify.length; at += READS_AT_ONCE) {
      const some = plan.verify.slice(at, at + READS_AT_ONCE);
      for (const found of await Promise.all(some.map((one) => verify(team, one)))) findings.push(...found);
      if (clock.now() - toldAtMs < PROGRESS_MS) continue;
      toldAtMs = clock.now();
      yield progress(at + some.length);
    }
    const bad = new Set(findings.map(({ file }) => file));
    findings.push(...indexFindings(kept, await readIndexes(team, plan)));
    const deleted = deletes ? await remove(team, plan.unreferenced, bad) : 0;
    for (const file of plan.unreferenced) findings.push({ kind: 'unreferenced', file });
    for (const file of plan.foreign) findings.push({ kind: 'foreign', file });
    const report: StoreReport = {
      kind: 'report',
      revisions: plan.verify.length,
      files: files.length,
      findings: findings.slice(0, FINDINGS_LIMIT),
      findingsMore: Math.max(0, findings.length - FINDINGS_LIMIT),
      deleted,
    };
    await store.audit(team, cause, {
      action: 'manifest.store_check',
      outcome: 'done',
      target: team,
      detail: {
        revisions: report.revisions,
        findings: findings.length,
        deleted,
        deleteUnreferenced: deletes,
      },
    });
    deps.onAudited();
    yield report;
    return report;
  }

  return {
    check: ({ team, cause, deleteUnreferenced }) => {
      if (!begins(team)) return undefined;
      return (async function* lines() {
        try {
          yield* run(team, cause, deleteUnreferenced);
        } finally {
          busyUntil.set(team, clock.now() + deps.checkPauseMs);
        }
      })();
    },
  };
}
