// Version vectors as text: base64url of Loro's own encoding with the peers in order, so that one version has one text.
// Decoded here and not by Loro: what arrives is untrusted, and comparing needs no document.
import { assert } from '@hakiri/base/assert';
import { fromBase64Url, toBase64Url } from '@hakiri/base/bytes';
import { type DocVersion, VERSION_PEERS_LIMIT } from '@hakiri/contracts/names';
import type { LoroDoc, PeerID } from 'loro-crdt';

/** Peer → how many of its operations are included. */
export type Version = ReadonlyMap<PeerID, number>;

const PEER_MAX = 2n ** 64n - 1n;
const COUNTER_MAX = 2 ** 31 - 1;

/** What the document holds now, edits that wait for a commit included. */
export function versionOf(doc: LoroDoc): DocVersion {
  const vector = doc.oplogVersion();
  const version = vector.toJSON();
  vector.free();
  return encodeVersion(version);
}

export function encodeVersion(version: Version): DocVersion {
  const bytes: number[] = [];
  const entries = [...version]
    .filter(([, counter]) => counter > 0)
    .map(([peer, counter]) => [BigInt(peer), counter] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  writeVarint(bytes, BigInt(entries.length));
  for (const [peer, counter] of entries) {
    writeVarint(bytes, peer);
    writeVarint(bytes, BigInt(counter) * 2n); // zigzag; counters are never negative
  }
  return toBase64Url(Uint8Array.from(bytes));
}

/** Undefined when the text is not a version vector. */
export function decodeVersion(text: DocVersion): Version | undefined {
  const bytes = fromBase64Url(text);
  if (bytes === undefined) return undefined;
  const reader = { bytes, offset: 0 };
  const length = readVarint(reader);
  if (length === undefined || length > VERSION_PEERS_LIMIT) return undefined;
  const version = new Map<PeerID, number>();
  for (let index = 0; index < length; index++) {
    const peer = readVarint(reader);
    const counter = readVarint(reader);
    if (peer === undefined || counter === undefined || peer > PEER_MAX) return undefined;
    if (counter % 2n !== 0n || counter / 2n > COUNTER_MAX) return undefined;
    version.set(peerId(peer), Number(counter / 2n));
  }
  return reader.offset === bytes.length && BigInt(version.size) === length ? version : undefined;
}

type VersionOrder = 'equal' | 'before' | 'after' | 'concurrent';

/** How `a` stands to `b`. */
export function compareVersions(a: Version, b: Version): VersionOrder {
  const behind = [...b].some(([peer, counter]) => counter > (a.get(peer) ?? 0));
  const ahead = [...a].some(([peer, counter]) => counter > (b.get(peer) ?? 0));
  if (behind) return ahead ? 'concurrent' : 'before';
  return ahead ? 'after' : 'equal';
}

/** Whether `version` has everything in `part`. The cost follows the part: versions of old documents are long. */
export function covers(version: Version, part: Version): boolean {
  for (const [peer, counter] of part) if (counter > (version.get(peer) ?? 0)) return false;
  return true;
}

/** Whether the document holds everything that `version` names. */
export function includesVersion(doc: LoroDoc, version: Version): boolean {
  const vector = doc.oplogVersion();
  const includes = [...version].every(([peer, counter]) => (vector.get(peer) ?? 0) >= counter);
  vector.free();
  return includes;
}

/** Loro's type of a peer id is a template of `number`, which a bigint does not fit. */
export function peerId(peer: bigint): PeerID {
  const text = peer.toString();
  assert(isPeerId(text), 'a bigint prints as digits');
  return text;
}

export function isPeerId(text: string): text is PeerID {
  return /^[0-9]+$/.test(text);
}

function writeVarint(bytes: number[], value: bigint): void {
  let rest = value;
  while (rest >= 0x80n) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
}

function readVarint(reader: { bytes: Uint8Array; offset: number }): bigint | undefined {
  let value = 0n;
  for (let shift = 0n; shift <= 63n; shift += 7n) {
    const byte = reader.bytes[reader.offset++];
    if (byte === undefined) return undefined;
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  return undefined;
}
