// A replica from before the compacted history: hands in what the server lacks, loads the document anew, and says what could only
// be compared. Nothing of the old replica is let go before the server has answered.
import { readConfig } from '@hakiri/config-doc/read';
import { LoroDoc, type PeerID, VersionVector } from 'loro-crdt';
import type { DocumentsClient } from './documents.ts';
import { compareConfigs } from './review.ts';
import type { ReviewPatch } from './review-patch.ts';
import { exportBatch, type Ledger, type Span, versionMap } from './sync-ledger.ts';

export type Rescued = { fresh: LoroDoc; bytes: Uint8Array; review: ReviewPatch | undefined };

/** Somebody who types faster than the server answers must not keep this going for ever. */
const ROUNDS_LIMIT = 20;

/** @throws ApiProblem, Unreachable: then nothing has changed, and it may be tried again. */
export async function rescue(options: {
  documents: DocumentsClient;
  docId: string;
  doc: LoroDoc;
  ledger: Ledger;
}): Promise<Rescued> {
  const { documents, docId, doc, ledger } = options;
  for (let round = 0; ; round++) {
    const spans = ledger.unacknowledged();
    const reply = spans.length === 0 ? undefined : await documents.rescue(docId, exportBatch(doc, spans));
    // Neither was taken in: what is unsent is all that is handed in, so nothing that is missing can follow.
    const isTooOld = reply?.kind === 'too_old' || reply?.kind === 'missing';
    const bytes = await documents.bytes(docId);
    const fresh = new LoroDoc();
    fresh.import(bytes);
    doc.commit();
    // What was typed meanwhile is handed in too; at the end nothing is awaited between looking and replacing.
    if (!isSame(spans, ledger.unacknowledged()) && round < ROUNDS_LIMIT) {
      fresh.free();
      continue;
    }
    return { fresh, bytes, review: isTooOld ? reviewOf(doc, spans) : undefined };
  }
}

/** What changed here between what the server had acknowledged and now. */
function reviewOf(doc: LoroDoc, unacknowledged: readonly Span[]): ReviewPatch {
  const version: Map<PeerID, number> = versionMap(doc);
  for (const { peer, from } of unacknowledged)
    if (from > 0) version.set(peer, from);
    else version.delete(peer);
  const vector = new VersionVector(version);
  const before = doc.forkAt(doc.vvToFrontiers(vector));
  const patch = compareConfigs(readConfig(before), readConfig(doc));
  before.free();
  vector.free();
  return patch;
}

function isSame(a: readonly Span[], b: readonly Span[]): boolean {
  return a.length === b.length && a.every(({ peer, to }) => b.some((s) => s.peer === peer && s.to === to));
}
