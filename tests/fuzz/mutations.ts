// The frames of the fuzz, by what is wrong with them, and which answers are right for each. What no rule names exactly (bytes
// that may by chance be a fine update) may be answered either way, but it has to be answered.
import type { Prng } from '@hakiri/base/prng';
import { CrdtType, decode, encode, type HexString, MessageType, UpdateStatusCode } from 'loro-protocol';
import { type Corpus, damaged, flipped, nestedUpdate, rechecked, validUpdate } from './corpus.ts';

export type Fuzzed = {
  kind: string;
  frame: Uint8Array;
  /** Statuses of an acknowledgement that are right; undefined: any. */
  statuses?: readonly number[];
  /** Where the frame alone does not say it. */
  expects?: Expectation;
};

type Maker = (prng: Prng, corpus: Corpus, address: Address, batchId: HexString) => Omit<Fuzzed, 'kind'>;
type Address = { crdt: CrdtType; roomId: string };

const { InvalidUpdate, PayloadTooLarge, FragmentTimeout, RateLimited, PermissionDenied, AppError } =
  UpdateStatusCode;
const HEADER_BYTES = 22;
const REFUSED = [InvalidUpdate, PayloadTooLarge, PermissionDenied, RateLimited, AppError];

const MAKERS: Record<string, Maker> = {
  noise: (prng) => ({ frame: prng.bytes(1 + prng.below(200)) }),
  damaged_frame: (prng, _, address, batchId) => ({
    frame: damaged(prng, update(address, [validUpdate(prng)], batchId)),
  }),
  damaged_update: (prng, corpus, address, batchId) => ({
    frame: update(address, [damaged(prng, prng.pick(corpus.updates))], batchId),
  }),
  wrong_checksum: (prng, corpus, address, batchId) => {
    const wrong = prng.pick(corpus.updates).slice();
    wrong[wrong.length - 1] = (wrong.at(-1) ?? 0) ^ 0x55;
    return { frame: update(address, [wrong], batchId), statuses: REFUSED };
  },
  rechecked_update: (prng, corpus, address, batchId) => ({
    frame: update(
      address,
      [rechecked(flipped(prng, prng.pick([...corpus.updates, ...corpus.traps]), HEADER_BYTES))],
      batchId,
    ),
  }),
  snapshot: (_, corpus, address, batchId) => ({
    frame: update(address, [corpus.snapshot], batchId),
    statuses: REFUSED,
  }),
  many_updates: (prng, _, address, batchId) => ({
    frame: update(
      address,
      Array.from({ length: 257 + prng.below(200) }, () => new Uint8Array(3)),
      batchId,
    ),
    statuses: REFUSED,
  }),
  no_update: (_, __, address, batchId) => ({ frame: update(address, [], batchId), statuses: REFUSED }),
  nested: (prng, _, address, batchId) => ({ frame: update(address, [nestedUpdate(prng)], batchId) }),
  valid: (prng, _, address, batchId) => ({
    frame: update(address, [validUpdate(prng)], batchId),
  }),
  batch_of_no_size: (prng, _, address, batchId) => {
    const [fragmentCount, totalSizeBytes] = prng.pick(IMPOSSIBLE_BATCHES);
    return {
      frame: header(address, batchId, fragmentCount, totalSizeBytes),
      statuses: REFUSED,
      expects: { kind: 'acknowledged', batchId },
    };
  },
  /** Never completed: given up in time, or one too many and refused. */
  batch_left_open: (prng, _, address, batchId) => ({
    frame: header(address, batchId, 2 + prng.below(3), 1_000),
  }),
  fragment_of_nothing: (prng, _, address, batchId) => ({
    frame: fragment(address, batchId, prng.pick([0, 1, 63, 2 ** 31]), prng.bytes(20)),
    statuses: [FragmentTimeout, InvalidUpdate, PermissionDenied, RateLimited],
    expects: { kind: 'acknowledged', batchId },
  }),
  presence: (prng, _, address, batchId) => ({
    frame: update({ ...address, crdt: CrdtType.LoroEphemeralStore }, [prng.bytes(prng.below(300))], batchId),
  }),
  presence_counts: (_, __, address, batchId) => ({
    frame: update(
      { ...address, crdt: CrdtType.LoroEphemeralStore },
      [Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f)],
      batchId,
    ),
    statuses: [InvalidUpdate, RateLimited, PermissionDenied],
  }),
  news: (prng, _, address, batchId) => ({
    frame: update({ ...address, crdt: CrdtType.LoroEphemeralStorePersisted }, [prng.bytes(40)], batchId),
    statuses: REFUSED,
  }),
  join: (prng, _, address) => ({
    frame: encode({
      ...address,
      type: MessageType.JoinRequest,
      crdt: prng.pick(Object.values(CrdtType)),
      roomId: prng.pick([address.roomId, 'other/main', '', 'a/b/c', 'x'.repeat(128)]),
      auth: prng.bytes(prng.below(400)),
      version: prng.bytes(prng.below(60)),
    }),
  }),
  server_only: (_, __, address) => ({
    frame: encode({ ...address, type: MessageType.RoomError, code: 1, message: 'rejoin_suggested' }),
  }),
};
/** Count and bytes in all: none, too many, too much, more of one than of the other. */
const IMPOSSIBLE_BATCHES: readonly (readonly [number, number])[] = [
  [0, 1_000],
  [1_000, 1_000],
  [2 ** 31, 2 ** 31],
  [2, 10_000_000],
  [2, 2 ** 32 - 1],
  [2, 0],
];
const KINDS = Object.keys(MAKERS);

/** Rare, as each costs the server a document loaded anew. */
const TRAP_EVERY = 400;

export function fuzzed(prng: Prng, corpus: Corpus, address: Address, batchId: HexString, at: number): Fuzzed {
  const trap = corpus.traps[Math.floor(at / TRAP_EVERY) % corpus.traps.length];
  if (at % TRAP_EVERY === 0 && trap !== undefined)
    return { kind: 'trap', frame: update(address, [trap], batchId), statuses: REFUSED };
  const kind = prng.pick(KINDS);
  const made = MAKERS[kind]?.(prng, corpus, address, batchId);
  if (made === undefined) throw new Error(`nobody makes ${kind}`);
  return { kind, ...made };
}

export type Expectation =
  | { kind: 'closed' }
  | { kind: 'acknowledged'; batchId: HexString }
  | { kind: 'join_answered'; crdt: CrdtType; roomId: string }
  /** The protocol has no answer to it, or not at once. */
  | { kind: 'nothing' };

/** What a frame is to be answered with, whoever made it. */
export function expectationOf(frame: Uint8Array): Expectation {
  try {
    const message = decode(frame);
    switch (message.type) {
      case MessageType.JoinRequest:
        return { kind: 'join_answered', crdt: message.crdt, roomId: message.roomId };
      case MessageType.DocUpdate:
        return { kind: 'acknowledged', batchId: message.batchId };
      case MessageType.JoinResponseOk:
      case MessageType.RoomError:
        return { kind: 'closed' };
      default:
        return { kind: 'nothing' };
    }
  } catch {
    return { kind: 'closed' };
  }
}

/** A fine update in three fragments that come in any order; the last is the one that is acknowledged. */
export function shuffledBatch(prng: Prng, address: Address, batchId: HexString): Uint8Array[] {
  const whole = validUpdate(prng);
  const size = Math.ceil(whole.length / 3);
  const parts = [0, 1, 2].map((index) => ({
    index,
    order: prng.next(),
    bytes: whole.subarray(index * size, (index + 1) * size),
  }));
  return [
    header(address, batchId, parts.length, whole.length),
    ...parts
      .sort((a, b) => a.order - b.order)
      .map(({ index, bytes }) => fragment(address, batchId, index, bytes)),
  ];
}

function update(address: Address, updates: Uint8Array[], batchId: HexString): Uint8Array {
  return encode({ ...address, type: MessageType.DocUpdate, updates, batchId });
}

function header(
  address: Address,
  batchId: HexString,
  fragmentCount: number,
  totalSizeBytes: number,
): Uint8Array {
  const type = MessageType.DocUpdateFragmentHeader;
  return encode({ ...address, type, batchId, fragmentCount, totalSizeBytes });
}

function fragment(address: Address, batchId: HexString, index: number, bytes: Uint8Array): Uint8Array {
  return encode({ ...address, type: MessageType.DocUpdateFragment, batchId, index, fragment: bytes });
}
