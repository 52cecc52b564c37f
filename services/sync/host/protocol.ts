// What the main thread asks of the host of a document that people edit, and what the host answers. Plain data: it crosses to a
// worker and back. Commands to one document are performed in the order in which they were given, and answered in that order.
// What is asked of a document read beside it stands in scratch-protocol.ts.

import type { Actor } from '@hakiri/contracts/envelope';
import type { Speaks } from '@hakiri/contracts/join';
import type { DocVersion } from '@hakiri/contracts/names';
import type { EditReply, EditRequest } from '@hakiri/contracts/sync';
import type { AppliedNote, AppliedRecordNote, LeaseNote, NoticeNote } from '../document/record.ts';
import type { HistoryIndex } from '../history/archives.ts';
import type { Found } from './conflict-watch.ts';
import type { Query, QueryName, QueryValue } from './queries.ts';
import type { Settled, TouchedNews } from './touched.ts';
import type { ImportRefusal } from './update-check.ts';

export type Ask<Input, Reply> = { input: Input; reply: Reply };

/** A socket that wrote under a peer id before the document was opened anew. */
export type HeldPeer = { peer: `${number}`; user: string; connection: number };

export type LiveCommands = {
  /** What the log holds. Has to come first; again: everything before is forgotten. */
  open: Ask<
    { base: Uint8Array | undefined; entries: readonly Uint8Array[]; holders?: readonly HeldPeer[] },
    {
      applied: AppliedNote | undefined;
      /** Its last updates are to be looked at for conflicts, by `look`. */
      isConcurrent: boolean;
      /** Not dismissed, as far as the log knows. */
      notices: NoticeNote[];
      /** What a new or older document needs: to be logged before anybody joins. */
      update: Uint8Array | undefined;
      counters: ReadonlyMap<`${number}`, number>;
      history: HistoryIndex;
      /** Undefined as long as nothing is logged. */
      begunMs: number | undefined;
      /** It is large, and to be warmed up before people edit it. */
      isCold: boolean;
      /** Something was touched since it was last applied. */
      isTouched: boolean;
    }
  >;
  update: Ask<
    { updates: readonly Uint8Array[]; user: string; connection: number; atMs: number },
    UpdateReply
  >;
  join: Ask<
    {
      version: Uint8Array;
      user: string;
      connection: number;
      atMs: number;
      /** Of a client that asks for peer ids, with new ones for it. */
      device: { id: string; fresh: readonly `${number}`[] } | undefined;
      /** It has nothing, and is sent the snapshot of that version first. */
      isFresh: boolean;
      /** It has the document and may write: its first edit may come at once. */
      isEditor: boolean;
      speaks: Speaks | undefined;
    },
    JoinReply
  >;
  /** For all who join without a version, for as long as it serves. */
  snapshot: Ask<undefined, Snapshot>;
  /** Leases that were told to others while the document was opened. */
  grant: Ask<{ leases: readonly LeaseNote[] }, undefined>;
  /** So that nobody who edits waits for it. A join of who has the document already does that, too. */
  warmUp: Ask<undefined, undefined>;
  /** The socket is gone: its peer ids are free. */
  left: Ask<{ connection: number }, undefined>;
  /** Prepared and checked: `steps` are written one by one. */
  edit: Ask<
    { steps: readonly EditRequest[]; actor: Actor; atMs: number },
    { reply: EditReply; updates: Uint8Array[]; ends: Ends }
  >;
  /** Makes the tip one operation, as the server: without an update it is one. */
  seal: Ask<{ atMs: number }, { update: Uint8Array | undefined; ends: Ends }>;
  /** For conflicts in what came since the last look. */
  look: Ask<{ atMs: number }, Found>;
  /** How much was touched since it was last applied, and by whom where that publishes by itself, the last first. */
  touched: Ask<undefined, TouchedNews & { version: DocVersion; users: string[] }>;
  /** A revision took something of it. */
  applied: Ask<Pick<AppliedRecordNote, 'version' | 'scope' | 'minor'>, undefined>;
  /** What was touched and turned out to be as it is published. */
  settle: Ask<Settled, undefined>;
  query: Ask<Query, { value: QueryValue<QueryName>; version: DocVersion }>;
};

export type CommandKind = keyof LiveCommands;
export type Command = { [K in CommandKind]: { kind: K; input: Input<K> } }[CommandKind];
export type CommandOf<K extends CommandKind> = Extract<Command, { kind: K }>;
export type Input<K extends CommandKind> = LiveCommands[K]['input'];
export type Reply<K extends CommandKind> = LiveCommands[K]['reply'];

/** Peers whose operations have become more, and how many there are now. */
export type Ends = readonly (readonly [peer: `${number}`, end: number])[];

/** `update`: the one with this index as it came, or these bytes. */
export type News = { update: number | Uint8Array; user: string };

export type UpdateReply = {
  /** What changed the document, in order, and whose it is. */
  news: News[];
  /** Why the first that was refused was; those behind it were not looked at. */
  refusal: 'missing' | 'broken' | ImportRefusal | undefined;
  /** The update at which Loro failed. */
  broken: { index: number; error: string } | undefined;
  /** A peer id was written under for the first time: others hear of it when that is durable. */
  isFirstOfPeer: boolean;
  /** Of a refused update: the peers whose owner has to bring what is missing. */
  awaited: `${number}`[];
  /** The document has to be loaded anew before the next change. */
  isSpoilt: boolean;
  ends: Ends;
  /** To be looked at for conflicts, by `look`. */
  isConcurrent: boolean;
  /** What the server wrote to put right what a client may not write. */
  healed: Uint8Array | undefined;
};

/** `version` as Loro encodes it. */
export type Snapshot = { bytes: Uint8Array; version: Uint8Array };

export type JoinReply =
  | {
      kind: 'joined';
      /** What is missed. */
      updates: readonly Uint8Array[];
      version: Uint8Array;
      /** As of `open`. */
      isCold: boolean;
      peers: `${number}`[];
      /** To be durable before the answer leaves. */
      granted: LeaseNote[];
    }
  | { kind: 'version_unknown'; version: Uint8Array }
  | { kind: 'history_compacted' | 'update_required' }
  /** By so much that it is to begin anew, with a snapshot; a fresh one with another. */
  | { kind: 'behind' };
