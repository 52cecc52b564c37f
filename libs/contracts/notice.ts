// Conflict notices: what merging could not keep, told to the people concerned. Loro decides by Lamport time and peer id, so a
// notice says who won and never that it was the newer value.
import { type Static, Type } from '@sinclair/typebox';
import { PeerId } from './join.ts';

/** One of the two edits. `value`: absent when the edit was a deletion; cut to NOTICE_VALUE_LIMIT_BYTES of JSON. */
export const NoticeSide = Type.Object({
  /** '' when nobody remembers any more. */
  user: Type.String(),
  /** When the server received it, RFC 3339. */
  at: Type.String(),
  peer: PeerId,
  counter: Type.Integer(),
  value: Type.Optional(Type.Unknown()),
  cut: Type.Optional(Type.Boolean()),
});
export type NoticeSide = Static<typeof NoticeSide>;

/** What to write to have the other value after all: through `takeOther` of libs/config-doc, as an edit like any other. */
export const NoticeChoice = Type.Union([
  /**
   * Sets, or without a value deletes, one key of the container at `path` (names and keys from the root). A group's `parent` is
   * a group or null, the top.
   */
  Type.Object({
    kind: Type.Literal('set'),
    path: Type.Array(Type.String()),
    key: Type.String(),
    value: Type.Optional(Type.Unknown()),
  }),
  /**
   * Makes the deleted entity anew, as it was with the edit that was lost: a PipelineDraft or VariableDraft, of a transform
   * `{ pipeline, key, kind, body, inputs }`. The notice's entity says which.
   */
  Type.Object({ kind: Type.Literal('restore'), draft: Type.Unknown() }),
]);
export type NoticeChoice = Static<typeof NoticeChoice>;

export const Notice = Type.Object({
  /** The same for the same two edits, however often they are looked at. */
  id: Type.String(),
  kind: Type.Union([
    /** One field, two values: `won` stands. */
    Type.Literal('same_field'),
    /** `lost` was written inside what `won` deleted. */
    Type.Literal('edit_discarded'),
    /** Both deleted it: nothing is lost. */
    Type.Literal('both_deleted'),
  ]),
  /** When the server found it, RFC 3339. */
  at: Type.String(),
  entity: Type.Object({
    root: Type.String({ description: 'pipelines, transforms, variables, groups or meta' }),
    key: Type.String(),
    /** Of a transform: its pipeline. */
    pipeline: Type.Optional(Type.String()),
    /** What people call it, as far as it is known. */
    name: Type.Optional(Type.String()),
  }),
  /** Inside the entity, such as `schedule.expr`; '' is the entity itself. Of several, the one that was edited last. */
  field: Type.String(),
  /** All fields of which an edit was discarded; of a pipeline's transform `transforms.<key>.body`. */
  fields: Type.Optional(Type.Array(Type.String())),
  won: NoticeSide,
  lost: NoticeSide,
  /** Absent when there is nothing to take, or it is too large to send. */
  take: Type.Optional(NoticeChoice),
});
export type Notice = Static<typeof Notice>;

export const NOTICE_VALUE_LIMIT_BYTES = 2 * 1024;
export const NOTICE_DRAFT_LIMIT_BYTES = 16 * 1024;

/** In the `%EPS` room a person finds their notices under this prefix and the notice's id; deleting the key dismisses it. */
export const NOTICE_KEY_PREFIX = 'notice/';

/** One entry of a document's history: somebody's operations as they were received, newest first over HTTP. */
export const HistoryEntry = Type.Object({
  at: Type.String({ description: 'when the server received it, RFC 3339' }),
  user: Type.String(),
  peer: PeerId,
  /** Counters of the peer, the end excluded. */
  from: Type.Integer(),
  to: Type.Integer(),
  changes: Type.Array(
    Type.Object({
      root: Type.String(),
      key: Type.String(),
      pipeline: Type.Optional(Type.String()),
      /** Fields touched, such as `schedule.expr`; '' when the entity was made or deleted. */
      fields: Type.Array(Type.String()),
    }),
  ),
});
export type HistoryEntry = Static<typeof HistoryEntry>;

export const HistoryPage = Type.Object({
  entries: Type.Array(HistoryEntry),
  /** Opaque: ask again with it as `before`. */
  next: Type.Optional(Type.String()),
  /** Older entries were compacted away. */
  isCut: Type.Boolean(),
});
export type HistoryPage = Static<typeof HistoryPage>;
