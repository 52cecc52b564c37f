// A replica that the server cannot take as it is: from before the compacted history, or with edits that it refuses. Hands in what
// the server lacks, loads the document anew, and says what could only be compared. Nothing of the old replica is let go before
// the server has answered.
import { readConfig } from '@hakiri/config-doc/read';
import type { RescueReply } from '@hakiri/contracts/sync';
import { LoroDoc, type PeerID, VersionVector } from 'loro-crdt';
import type { DocumentsClient } from './documents.ts';
import { ApiProblem } from './errors.ts';
import { compareConfigs } from './review.ts';
import type { ReviewChange, ReviewPatch } from './review-patch.ts';
import { exportGrowing, type Ledger, type Span, versionMap } from './sync-ledger.ts';

export type Rescued = { fresh: LoroDoc; bytes: Uint8Array; patch: ReviewPatch };

/** New in one hand-in: the server takes twice as much, and what it makes of it has its own length. */
const PART = { bytes: 256 * 1024, operations: 32_000 };
/** Somebody who types faster than the server answers must not keep this going for ever. */
const ROUNDS_LIMIT = 20;
/** Problems of the work itself: handed in again it would be refused again, whoever hands it in and when. */
const NEVER_TAKEN: ReadonlySet<string> = new Set(['malformed', 'too_large', 'conflict']);

/** `handsIn`: otherwise all of it is for a person to look at. @throws ApiProblem, Unreachable: then nothing has changed */
export async function rescue(options: {
  documents: Pick<DocumentsClient, 'rescue' | 'bytes'>;
  docId: string;
  doc: LoroDoc;
  ledger: Ledger;
  handsIn?: boolean;
  part?: typeof PART;
}): Promise<Rescued> {
  const { documents, docId, doc, ledger, handsIn = true, part = PART } = options;
  for (let round = 0; ; round++) {
    const spans = ledger.unacknowledged(versionMap(doc));
    const isTaken =
      handsIn && (spans.length === 0 || (await handIn(documents, docId, exportGrowing(doc, spans, part))));
    const bytes = await documents.bytes(docId);
    const fresh = new LoroDoc();
    fresh.import(bytes);
    // What was typed meanwhile is handed in too; at the end nothing is awaited between looking and replacing.
    const left = ledger.unacknowledged(versionMap(doc));
    const isAll = isSame(spans, left);
    if (!isAll && round < ROUNDS_LIMIT) {
      fresh.free();
      continue;
    }
    return { fresh, bytes, patch: isTaken && isAll ? [] : reviewOf(doc, fresh, left) };
  }
}

/** False when it will not be taken. Each part goes on from the one before, and what was taken in is not taken in again. */
async function handIn(
  documents: Pick<DocumentsClient, 'rescue'>,
  docId: string,
  updates: readonly Uint8Array[],
): Promise<boolean> {
  for (const update of updates) {
    const { kind } = await answerTo(documents, docId, update);
    // Neither was taken in: what is unsent is all that is handed in, so nothing that is missing can follow.
    if (kind === 'too_old' || kind === 'missing') return false;
  }
  return true;
}

async function answerTo(
  documents: Pick<DocumentsClient, 'rescue'>,
  docId: string,
  update: Uint8Array,
): Promise<Pick<RescueReply, 'kind'>> {
  try {
    return await documents.rescue(docId, update);
  } catch (error) {
    if (error instanceof ApiProblem && NEVER_TAKEN.has(error.problem.code)) return { kind: 'too_old' };
    throw error;
  }
}

/** What changed here since what the server has of it; what somebody else changed and has not sent is marked. */
function reviewOf(doc: LoroDoc, fresh: LoroDoc, unacknowledged: readonly Span[]): ReviewPatch {
  const [here, there, others] = [versionMap(doc), versionMap(fresh), versionMap(doc)];
  const both = new Map([...here].map(([peer, end]) => [peer, Math.min(end, there.get(peer) ?? 0)]));
  // What was handed in a moment ago is not acknowledged, and is there.
  for (const { peer, from } of unacknowledged) others.set(peer, Math.max(from, both.get(peer) ?? 0));
  const now = readConfig(doc);
  // A server that was put back to before our history has nothing that could be told from what others changed since.
  const patch = compareConfigs(configAt(doc, both) ?? readConfig(fresh), now);
  const before = configAt(doc, others);
  if (before === undefined) return patch;
  const own = new Set(compareConfigs(before, now).map(placeOf));
  return patch.map((change) => (own.has(placeOf(change)) ? change : { ...change, isOthers: true }));
}

const placeOf = ({ root, key, path }: ReviewChange): string => JSON.stringify([root, key, path]);

/** Undefined when the version is from before the history that is here, or was never a moment of it. */
function configAt(doc: LoroDoc, version: ReadonlyMap<PeerID, number>) {
  const wanted = new Map([...version].filter(([, end]) => end > 0));
  const vector = new VersionVector(wanted);
  const frontiers = doc.vvToFrontiers(vector);
  vector.free();
  const named = doc.frontiersToVV(frontiers);
  const isMoment = [...named.toJSON()].every(([peer, end]) => end <= (wanted.get(peer) ?? 0));
  named.free();
  if (!isMoment) return undefined;
  // Loro does not fork a document that lacks its first history.
  const then = new LoroDoc();
  try {
    then.import(doc.export({ mode: 'snapshot' }));
    then.checkout(frontiers);
    return readConfig(then);
  } catch {
    return undefined;
  } finally {
    then.free();
  }
}

function isSame(a: readonly Span[], b: readonly Span[]): boolean {
  return a.length === b.length && a.every(({ peer, to }) => b.some((s) => s.peer === peer && s.to === to));
}
