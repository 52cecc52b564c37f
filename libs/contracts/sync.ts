// What sync says over HTTP and over the bus. Editors speak loro-protocol v1 at /v1/sync instead (docs/protocol.md).
import { type Static, Type } from '@sinclair/typebox';
import { ConfigDraft, PipelineDraft } from './config.ts';
import { DocId, DocVersion } from './names.ts';
import { Scope } from './scope.ts';

/** The document as plain data, read at `version`. */
export const DocumentView = Type.Object({
  doc: DocId,
  version: DocVersion,
  groups: Type.Array(Type.String({ description: 'path' })),
  config: ConfigDraft,
});
export type DocumentView = Static<typeof DocumentView>;

/** One pipeline of it, with the version of the whole document: what an Apply of the pipeline may name. */
export const PipelineView = Type.Composite([PipelineDraft, Type.Object({ version: DocVersion })]);
export type PipelineView = Static<typeof PipelineView>;

/**
 * One page of a scope at exactly `version`. A reply stays under PAGE_LIMIT_BYTES; `next` says what to go on `after`.
 * The owner waits shortly for a version that it has not seen, and answers `moved` when something in the scope changed since.
 * Without one each page is as the document is then, and says at which version that was.
 */
export const MaterializeRequest = Type.Object({
  scope: Scope,
  version: Type.Optional(DocVersion),
  after: Type.Optional(Type.String()),
});
export const MaterializeReply = Type.Union([
  Type.Object({
    kind: Type.Literal('page'),
    pipelines: Type.Array(PipelineDraft),
    /** All variables of the document come first, over as many pages as they need: collect them from every page. */
    variables: ConfigDraft.properties.variables,
    /** Of its entries, so that nobody has to write them again to know. Owners of before do not say it. */
    sizeBytes: Type.Optional(Type.Integer({ minimum: 0 })),
    /** Opaque: ask again with it as `after`. */
    next: Type.Optional(Type.String()),
    /** When none was asked for. */
    version: Type.Optional(DocVersion),
  }),
  /** Keys in the scope that changed after the version, the first MOVED_LIMIT of them. */
  Type.Object({ kind: Type.Literal('moved'), pipelines: Type.Array(Type.String()) }),
  /** One pipeline or variable alone is over the limit of a page. */
  Type.Object({ kind: Type.Literal('too_large'), key: Type.String(), limitBytes: Type.Integer() }),
  Type.Object({ kind: Type.Literal('version_unknown') }),
  Type.Object({ kind: Type.Literal('no_document') }),
]);
export type MaterializeRequest = Static<typeof MaterializeRequest>;
export type MaterializeReply = Static<typeof MaterializeReply>;
export const PAGE_LIMIT_BYTES = 256 * 1024;
export const MOVED_LIMIT = 100;

/**
 * One batch of a change made through the API, written by the owner as one update and attributed to the envelope's actor.
 * `put` creates, or changes only what differs, by key; `delete` removes by key. Repeating a batch changes nothing.
 */
export const EditRequest = Type.Object({
  put: Type.Array(PipelineDraft),
  putVariables: ConfigDraft.properties.variables,
  delete: Type.Array(Type.String()),
  deleteVariables: Type.Array(Type.String()),
  /**
   * Deletes of `pipelines`, by key, those that nobody touched after `since`; the others stay, without an error. Looked at and done
   * as one: what arrives in between cannot be lost.
   */
  deleteUnchanged: Type.Optional(Type.Object({ since: DocVersion, pipelines: Type.Array(Type.String()) })),
  /** Of `put`, what somebody touched after it stays as it is, without an error. Looked at and done as one, too. */
  putSince: Type.Optional(DocVersion),
  /** The same of `putVariables` and `deleteVariables`. */
  variablesSince: Type.Optional(DocVersion),
  /**
   * Of `put` and `putVariables`, what the document does not have is made only if no entry has got its id (or name) after this
   * version; otherwise it is left out, without an error. Two who add the same at once make one.
   */
  createSince: Type.Optional(DocVersion),
  /** Path of a group: deleted with those below it, unless a pipeline is in one of them. */
  deleteEmptyGroup: Type.Optional(Type.String()),
});
export const EditReply = Type.Union([
  Type.Object({ kind: Type.Literal('done'), version: DocVersion, changed: Type.Integer() }),
  /** Among the codes are `not_found`, `document_archived` and `storage_full`, which are problems of their own. */
  Type.Object({ kind: Type.Literal('refused'), code: Type.String(), detail: Type.String() }),
]);
export type EditRequest = Static<typeof EditRequest>;
export type EditReply = Static<typeof EditReply>;

/** With `entries: false` only the version matters: the lists may stay empty, so that the reply of a huge document fits. */
export const OutlineRequest = Type.Object({ entries: Type.Optional(Type.Boolean()) });
export type OutlineRequest = Static<typeof OutlineRequest>;

/** Over the bus: the current version and every pipeline's key, id and group, without bodies; what an import needs to match ids. */
export const OutlineReply = Type.Object({
  version: DocVersion,
  pipelines: Type.Array(Type.Object({ key: Type.String(), id: Type.String(), group: Type.String() })),
  variables: Type.Array(Type.Object({ key: Type.String(), name: Type.String() })),
  /**
   * Pipelines that a move took from this document to another, which has not taken them live yet: until it has, an Apply of
   * this document does not take them out of the manifest.
   */
  moved: Type.Optional(Type.Array(Type.Object({ to: DocId, pipelines: Type.Array(Type.String()) }))),
});
export type OutlineReply = Static<typeof OutlineReply>;

/** A document of a team as lists show it. */
export const DocumentInfo = Type.Object({
  doc: DocId,
  title: Type.String({ maxLength: 200 }),
  createdAt: Type.Optional(Type.String()),
  createdBy: Type.Optional(Type.String()),
  /** An archived document is read, not edited, and left out of lists unless they ask for it. */
  archivedAt: Type.Optional(Type.String()),
});
export type DocumentInfo = Static<typeof DocumentInfo>;

/** It shows something, in one line: no control characters, and more than spaces. */
const Title = Type.String({
  minLength: 1,
  maxLength: 200,
  pattern: '^(?=.*\\S)[^\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029]*$',
});

// Over HTTP: GET /v1/docs[?archived=true] DocumentList; POST /v1/docs CreateDocumentBody → 201 DocumentInfo;
// PATCH /v1/docs/<doc> UpdateDocumentBody → DocumentInfo; POST /v1/docs/<doc>/groups/move MoveGroupBody → MoveResult.
export const DocumentList = Type.Object({ docs: Type.Array(DocumentInfo) });
export const CreateDocumentBody = Type.Object(
  { doc: DocId, title: Type.Optional(Title) },
  { additionalProperties: false },
);
export const UpdateDocumentBody = Type.Object(
  { title: Type.Optional(Title), archived: Type.Optional(Type.Boolean()) },
  { additionalProperties: false, minProperties: 1 },
);
export const MoveGroupBody = Type.Object(
  {
    group: Type.String({ minLength: 1, maxLength: 500, description: 'path; those below it go along' }),
    to: DocId,
  },
  { additionalProperties: false },
);
export type UpdateDocumentBody = Static<typeof UpdateDocumentBody>;
export type MoveGroupBody = Static<typeof MoveGroupBody>;

/** Asking for the same move again goes on where the last one ended. */
export const MoveResult = Type.Object({
  state: Type.Union([Type.Literal('done'), Type.Literal('unfinished')]),
  moved: Type.Integer({ description: 'pipelines that left the document in this call' }),
  /** Why it is unfinished, the first REMAINING_LIMIT: somebody goes on editing it, or it differs in both documents. */
  remaining: Type.Array(
    Type.Object({
      key: Type.String(),
      id: Type.String(),
      why: Type.Union([Type.Literal('edited'), Type.Literal('conflict')]),
    }),
  ),
  /** Names. What the target had already stays as it is there; `differing` are those of them with another value. */
  variables: Type.Object({ copied: Type.Array(Type.String()), differing: Type.Array(Type.String()) }),
});
export type MoveResult = Static<typeof MoveResult>;
export const REMAINING_LIMIT = 100;

/**
 * What became of work that was handed in from before the compacted history: POST /v1/docs/<doc>/rescue with the bytes of one Loro
 * update. Handing it in again changes nothing. Refused as a problem: `malformed`, `too_large`, `denied` (under a peer id that is
 * somebody else's), `document_archived`, `rate_limited` (two are under way, or too much of the user's could not be read),
 * `unavailable` (nothing was taken in, or it may be asked again).
 */
export const RescueReply = Type.Union([
  /** It is in the document, as it came or written anew; `changed` counts the peers it was written under, 0 when none of it won. */
  Type.Object({ kind: Type.Literal('rebased'), version: DocVersion, changed: Type.Integer() }),
  /** There was nothing new in it. */
  Type.Object({ kind: Type.Literal('nothing'), version: DocVersion }),
  /** It builds on operations that nobody else has: hand in all that is unsent, in one update. Nothing was taken in. */
  Type.Object({ kind: Type.Literal('missing') }),
  /** It is older than every archive: the client shows the difference as a patch to review. Nothing was taken in. */
  Type.Object({ kind: Type.Literal('too_old') }),
]);
export type RescueReply = Static<typeof RescueReply>;
