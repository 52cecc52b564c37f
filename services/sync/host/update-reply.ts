// An answer to an update, as it begins, and how what is in it is read: on both sides of the thread.
import type { News, UpdateReply } from './protocol.ts';

export function newReply(): UpdateReply {
  return {
    news: [],
    refusal: undefined,
    broken: undefined,
    isFirstOfPeer: false,
    awaited: [],
    isSpoilt: false,
    ends: [],
    isConcurrent: false,
    healed: undefined,
  };
}

export function bytesOf({ update }: News, sent: readonly Uint8Array[]): Uint8Array {
  return typeof update === 'number' ? (sent[update] ?? new Uint8Array()) : update;
}
