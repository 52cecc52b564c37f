// Whether somebody may bring an update: every peer that it has something new of has to be theirs; one may be nobody's yet.
import type { PeerID } from 'loro-crdt';
import type { Leases, Writer } from './leases.ts';
import type { Held } from './update-check.ts';
import type { Header } from './update-header.ts';

export type UpdateClaim =
  | { kind: 'claimed'; peers: PeerID[]; isFirst: boolean }
  /** `awaited`: peers whose owner has to bring them. */
  | { kind: 'refused'; reason: 'peer_not_yours' | 'peer_in_use' | 'too_many_peers'; awaited: PeerID[] };

export function claimUpdate(
  { starts, ends }: Header,
  writer: Writer,
  { counters, leases }: { counters: Held; leases: Leases },
): UpdateClaim {
  const peers: PeerID[] = [];
  const awaited: PeerID[] = [];
  let reason: Extract<UpdateClaim, { kind: 'refused' }>['reason'] | undefined;
  let fresh = 0;
  for (const [peer, end] of ends) {
    const held = counters.get(peer) ?? 0;
    if (end <= held) continue;
    const claim = leases.claim(peer, writer, (starts.get(peer) ?? 0) === held);
    if (claim.kind === 'refused') {
      reason ??= claim.reason;
      if (claim.reason !== 'too_many_peers') awaited.push(peer);
    } else if (claim.kind === 'new') fresh += 1;
    peers.push(peer);
  }
  // Several at once are not one client's own: it holds what others wrote, and whose that was nobody could say.
  if (fresh > 1) reason ??= 'peer_not_yours';
  return reason === undefined
    ? { kind: 'claimed', peers, isFirst: fresh > 0 }
    : { kind: 'refused', reason, awaited };
}
