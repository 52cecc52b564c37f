// The outermost layer of Loro's updates, read and written here because Loro decodes all of an update to say where it begins
// and ends: 22 bytes (a name, a checksum, a mode), then blocks, each of operations of one peer in a row. What is read here is
// what an update says of itself; Loro still decodes all of it, once, when it takes it in.
// https://github.com/loro-dev/loro/blob/main/docs/encoding.md
import { peerId } from '@hakiri/config-doc/version';
import type { PeerID } from 'loro-crdt';
import type { Header } from './update-header.ts';

/**
 * `first`, `last`: Lamport times of its first change and of its last: what a change builds on has a smaller one. `isNext`: it is
 * one change that builds on the one before it of its own peer, and knows of nobody else since.
 */
export type Scan = Header & { first: number; last: number; isNext: boolean };

const HEADER_BYTES = 22;
const CHECKSUM_AT = 16;
const CHECKED_FROM = 20;
const CHECKSUM_SEED = 0x4f524f4c;
const NAME = 0x6c6f726f;
const MODE_UPDATE = 4;
const PEER_BYTES = 8;

/** Undefined when it is not plainly an update: then Loro has to be asked. */
export function scanUpdate(update: Uint8Array): Scan | undefined {
  if (update.length <= HEADER_BYTES) return undefined;
  const view = new DataView(update.buffer, update.byteOffset, update.length);
  if (view.getUint32(0) !== NAME || view.getUint16(CHECKED_FROM) !== MODE_UPDATE) return undefined;
  if (view.getUint32(CHECKSUM_AT, true) !== checksumOf(update)) return undefined;
  const reader: Reader = { view, at: HEADER_BYTES };
  const starts = new Map<PeerID, number>();
  const ends = new Map<PeerID, number>();
  let [first, last, blocks, isNext] = [Number.POSITIVE_INFINITY, 0, 0, false];
  while (reader.at < update.length) {
    const bytes = varint(reader);
    const next = reader.at + bytes;
    const start = varint(reader);
    const end = start + varint(reader);
    const lamport = varint(reader);
    const lamports = varint(reader);
    const changes = varint(reader);
    first = Math.min(first, lamport);
    last = Math.max(last, changes === 1 ? lamport : lamport + lamports - 1);
    varint(reader); // bytes of the block's own header
    const peers = varint(reader);
    if (!(end >= start) || !(peers > 0) || next > update.length || reader.at + peers * PEER_BYTES > next)
      return undefined;
    const peer = peerAt(view, reader.at);
    blocks += 1;
    isNext = blocks === 1 && changes === 1 && isAfterOwn(view, reader.at + peers * PEER_BYTES);
    starts.set(peer, Math.min(start, starts.get(peer) ?? start));
    ends.set(peer, Math.max(end, ends.get(peer) ?? end));
    reader.at = next;
  }
  return { mode: 'update', starts, ends, first, last, isNext };
}

/** One update of several. What one of them lacks waits, as when it comes alone; where one cannot be read, none is taken in. */
export function joinUpdates(updates: readonly Uint8Array[]): Uint8Array {
  const [first] = updates;
  if (first === undefined || updates.length === 1) return first ?? new Uint8Array();
  const joined = Buffer.concat([
    first.subarray(0, HEADER_BYTES),
    ...updates.map((update) => update.subarray(HEADER_BYTES)),
  ]);
  joined.writeUInt32LE(checksumOf(joined), CHECKSUM_AT);
  return joined;
}

function checksumOf(update: Uint8Array): number {
  return Bun.hash.xxHash32(update.subarray(CHECKED_FROM), CHECKSUM_SEED);
}

type Reader = { view: DataView; at: number };

/** NaN where there is none: every comparison with it is false. */
function varint(reader: Reader): number {
  let value = 0;
  for (let factor = 1; factor <= 2 ** 28; factor *= 2 ** 7) {
    if (reader.at >= reader.view.byteLength) return Number.NaN;
    const byte = reader.view.getUint8(reader.at);
    reader.at += 1;
    value += (byte & 0x7f) * factor;
    if (byte < 0x80) return value;
  }
  return Number.NaN;
}

/** What a single change builds on: run lengths of whether that is its own peer (0 times no, once yes), then of how many others. */
function isAfterOwn(view: DataView, at: number): boolean {
  return at + 4 <= view.byteLength && view.getUint32(at) === 0x00010100;
}

function peerAt(view: DataView, at: number): PeerID {
  return peerId(view.getBigUint64(at, true));
}
