// What an update says of itself: read from its header, before Loro takes it in.
import { decodeImportBlobMeta, type ImportBlobMetadata, type PeerID } from 'loro-crdt';
import { free, passTrap } from '../history/handle.ts';

/** Operations of one peer, the end excluded. */
export type Span = { peer: PeerID; start: number; end: number };

/** What an update says of itself, before Loro takes it in. */
export type Header = {
  mode: ImportBlobMetadata['mode'];
  starts: ReadonlyMap<PeerID, number>;
  ends: ReadonlyMap<PeerID, number>;
};

export function spansIn({ starts, ends }: Header): Span[] {
  return [...ends].map(([peer, end]) => ({ peer, start: starts.get(peer) ?? 0, end }));
}

/** Undefined when it is no export of Loro, or damaged. */
export function readHeader(update: Uint8Array): Header | undefined {
  try {
    const { mode, partialStartVersionVector, partialEndVersionVector } = decodeImportBlobMeta(update, true);
    const header = {
      mode,
      starts: partialStartVersionVector.toJSON(),
      ends: partialEndVersionVector.toJSON(),
    };
    free(partialStartVersionVector, partialEndVersionVector);
    return header;
  } catch (error) {
    passTrap(error);
    return undefined;
  }
}

export function countersIn({ starts, ends }: Header): number {
  let counters = 0;
  for (const [peer, end] of ends) counters += end - (starts.get(peer) ?? 0);
  return counters;
}

/** Whether what was taken in ends where the update does. */
export function isWhole({ ends }: Header, success: Success): boolean {
  return [...success].every(([peer, { end }]) => ends.get(peer) === end);
}

/** Whether an update really is what was read of it. */
export function isTrue({ ends }: Header, update: Uint8Array): boolean {
  const real = readHeader(update)?.ends;
  return real?.size === ends.size && [...real].every(([peer, end]) => ends.get(peer) === end);
}

/** What Loro says that an import brought. */
export type Success = ReadonlyMap<PeerID, { start: number; end: number }>;

export function spansOf(success: Success): Span[] {
  return [...success].map(([peer, { start, end }]) => ({ peer, start, end }));
}
