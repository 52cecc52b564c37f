// The port behind which a client keeps its replica of a document and what it has not sent: a log of updates on top of a base.
// Several tabs or processes use one store at once: appending never waits for a turn, replacing the base does, by generation.
import { isRecord } from '@hakiri/base/json';
import { randomId } from '@hakiri/base/random-id';
import { PeerId } from '@hakiri/contracts/join';
import { type Static, Type } from '@sinclair/typebox';
import { Check } from '@sinclair/typebox/value';
import { ReviewPatch } from './review-patch.ts';

/** `local`: made on this device. The rest came from the server; it is kept because later local edits build on it. */
export type ReplicaEntry = { kind: 'local' | 'remote'; bytes: Uint8Array };

export const ReplicaFacts = Type.Object({
  /** Peers of this device whose operations the server may lack, and how far it has acknowledged each. */
  own: Type.Record(PeerId, Type.Integer({ minimum: 0 })),
  /** Leased to this device: what an offline start may write under. */
  leased: Type.Array(PeerId),
  /** As the server said last. */
  permission: Type.Union([Type.Literal('read'), Type.Literal('write')]),
  /** Work from before the compacted history that waits for a person to look at it. */
  review: Type.Optional(ReviewPatch),
});
export type ReplicaFacts = Static<typeof ReplicaFacts>;

export const NO_FACTS: ReplicaFacts = { own: {}, leased: [], permission: 'write' };

export type StoredReplica = {
  /** Changes whenever the base does. */
  generation: number;
  base: Uint8Array | undefined;
  facts: ReplicaFacts;
  /** In the order of their appending. */
  entries: ReplicaEntry[];
  /** Names the last entry: what a fold replaces. */
  last: number;
};

export type Release = () => void;

/** One live holder at a time, among all tabs or processes that use the store; a holder that dies lets go. */
export type Locks = {
  /** Undefined: somebody else has it. */
  tryHold(name: string): Promise<Release | undefined>;
  /** Waits for it. Undefined when `signal` ends the waiting. */
  hold(name: string, signal: AbortSignal): Promise<Release | undefined>;
};

/**
 * Where nobody can tell whether another holder lives, nothing is ever held: who cannot hold a peer id writes under a fresh one,
 * and takes no work for left behind.
 */
export const NO_LOCKS: Locks = {
  tryHold: async () => undefined,
  hold: (_name, signal) =>
    new Promise((resolve) => {
      if (signal.aborted) resolve(undefined);
      else signal.addEventListener('abort', () => resolve(undefined), { once: true });
    }),
};

/** What the tabs of one browser tell each other about one replica. */
export type TabChannel = {
  post(update: Uint8Array): void;
  onUpdate(handler: (update: Uint8Array) => void): void;
  close(): void;
};

export type ReplicaLog = {
  read(): Promise<StoredReplica>;
  /** Durable when it resolves. */
  append(entries: readonly ReplicaEntry[]): Promise<void>;
  /** Reads and writes with nobody in between. */
  change(change: (facts: ReplicaFacts) => ReplicaFacts): Promise<void>;
  /** Safe without a lock. `base` takes the place of everything up to the entry `last`. False when `generation` is over: nothing is done then. */
  fold(fold: { generation: number; base: Uint8Array; last: number }): Promise<boolean>;
  /** Everything goes, and only `facts` stay. */
  reset(facts: ReplicaFacts): Promise<void>;
  readonly locks: Locks;
  readonly channel: TabChannel;
  close(): void;
};

/** `user`: nobody sends what another person of this browser typed. `room`: `<team>/<doc>`. */
export type ReplicaPlace = { user: string; room: string };

export type ReplicaStore = {
  /** A browser profile or an installation, the same for ever. */
  device(): Promise<string>;
  open(place: ReplicaPlace): Promise<ReplicaLog>;
};

export function placeName({ user, room }: ReplicaPlace): string {
  return `${user}@${room}`;
}

export function newDevice(): string {
  return randomId();
}

/** What is on disk may be of another version of this program: what does not fit is as if it had never been said. */
export function readFacts(value: unknown): ReplicaFacts {
  return Check(ReplicaFacts, value) ? value : NO_FACTS;
}

/** Over BroadcastChannel: in a browser between its tabs, elsewhere within the process. */
export function openTabChannel(place: ReplicaPlace): TabChannel {
  const channel = new BroadcastChannel(`hakiri-replica:${placeName(place)}`);
  return {
    post: (update) => channel.postMessage({ update }),
    onUpdate(handler) {
      channel.onmessage = ({ data }: MessageEvent<unknown>) => {
        if (isRecord(data) && data.update instanceof Uint8Array) handler(data.update);
      };
    },
    close: () => channel.close(),
  };
}
