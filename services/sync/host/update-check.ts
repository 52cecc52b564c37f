// What an update is worth before Loro takes it in, told from its header and what the document holds; and what came of it.
import type { Version } from '@hakiri/config-doc/version';
import type { PeerID } from 'loro-crdt';
import type { UpdateLimits } from '../config.ts';
import { countersIn, type Header, type Span } from './update-header.ts';

/** Peer → how many of its operations are there. */
export type Held = Pick<Version, 'get'>;

export type ImportRefusal =
  | 'malformed'
  | 'not_an_update'
  | 'too_large'
  /** It writes under a peer id that is somebody else's, that another socket uses, or under several new ones. */
  | 'peer_not_yours'
  | 'peer_in_use'
  | 'too_many_peers'
  /** It builds on what is from before the history that is kept. */
  | 'history_compacted';

export type ImportOutcome =
  /** `update` is what changed the document: what to log and to tell the others. `missing`: a part of it still lacks something. */
  | { kind: 'applied'; update: Uint8Array; spans: Span[]; missing: boolean }
  /** The document has all of it already. */
  | { kind: 'repeated' }
  /** It builds on operations that the document lacks: the sender has to sync anew. */
  | { kind: 'missing' }
  | { kind: 'refused'; reason: ImportRefusal }
  /** Loro failed at it. The document must not be used any more. */
  | { kind: 'broken'; error: unknown };

export type UpdateCheck =
  | Extract<ImportOutcome, { kind: 'repeated' | 'missing' | 'refused' }>
  | { kind: 'importable' };

/** `server`: its edits are durable before anybody hears of them, so nobody has one that is new here. */
export function checkUpdate(
  header: Header,
  { held, limits, server }: { held: Held; limits: UpdateLimits; server: PeerID },
): UpdateCheck {
  if (header.mode !== 'update') return { kind: 'refused', reason: 'not_an_update' };
  let isNew = false;
  let isMissing = false;
  for (const [peer, end] of header.ends) {
    const counter = held.get(peer) ?? 0;
    isNew ||= end > counter;
    isMissing ||= (header.starts.get(peer) ?? 0) > counter;
    if (peer === server && end > counter) return { kind: 'refused', reason: 'malformed' };
  }
  if (countersIn(header) > limits.counters) return { kind: 'refused', reason: 'too_large' };
  if (isMissing) return { kind: 'missing' };
  return isNew ? { kind: 'importable' } : { kind: 'repeated' };
}
