// A replica from before the compacted history: hands in what the server lacks, loads the document anew, and says what could only
// be compared. Nothing of the old replica is let go before the server has answered.
import { readConfig } from '@hakiri/config-doc/read';
import type { RescueReply } from '@hakiri/contracts/sync';
import { LoroDoc, type PeerID, VersionVector } from 'loro-crdt';
import type { DocumentsClient } from './documents.ts';
import { compareConfigs } from './review.ts';
import type { ReviewPatch } from './review-patch.ts';
import { exportGrowing, type Ledger, type Span, versionMap } from './sync-ledger.ts';

export type Rescued = { fresh: LoroDoc; bytes: Uint8Array; review: ReviewPatch | undefined };

/** New in one hand-in: the server takes twice as much, and what it makes of it has its own length. */
const PART = { bytes: 256 * 1024, operations: 32_000 };
/** Somebody who types faster than the server answers must not keep this going for ever. */
const ROUNDS_LIMIT = 20;

/** @throws ApiProblem, Unreachable: then nothing has changed, and it may be tried again. */
export async function rescue(options: {
  documents: DocumentsClient;
  docId: string;
  doc: LoroDoc;
  ledger: Ledger;
  part?: typeof PART;
}): Promise<Rescued> {
  const { documents, docId, doc, ledger, part = PART } = options;
  for (let round = 0; ; round++) {
    const spans = ledger.unacknowledged();
    const reply =
      spans.length === 0 ? undefined : await handIn(documents, docId, exportGrowing(doc, spans, part));
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

/** The answer to the last one: each goes on from the one before, and what was taken in is not taken in again. */
async function handIn(documents: DocumentsClient, docId: string, updates: readonly Uint8Array[]) {
  let reply: RescueReply | undefined;
  for (const update of updates) {
    reply = await documents.rescue(docId, update);
    if (reply.kind === 'too_old' || reply.kind === 'missing') break;
  }
  return reply;
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
