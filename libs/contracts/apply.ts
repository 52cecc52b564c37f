// What apply says over HTTP and in its events. Every path, below /v1/manifest:
//   POST apply (ApplyBody; header idempotency-key; `prefer: wait=<s>`)  200 | 202 + Location ApplyStatus, or the problem
//   POST apply?dryRun=true (ApplyBody)         DryRun, and what else requests go through: approval.ts; policy: policy.ts
//   GET  requests/<id>                         ApplyStatus             POST validate (ApplyBody)   Validation
//   GET  revisions?before=&limit=              RevisionPage            GET  revisions/<v43.1>      Revision
//   GET  revisions/<v43.1>/manifest.toml           TOML                    GET  diff?from=&to=         ManifestDiff, or text/plain
//   GET  latest?wait=<s>                       TOML, ETag; If-None-Match → 304
//   GET  events                                SSE; Last-Event-ID
//   POST import?doc=&mode=merge|replace&dryRun=true|false&digest= (application/toml or application/json)   ImportResult
//   POST merge (MergeBody)   MergeResult;  PATCH pipelines/<id>   PipelineView: merge.ts
//   POST revert (RevertBody)                   RevertResult: revert.ts
//   GET  schema.json                           JSON Schema of a hakiri.toml; public
//   GET  export?doc=&format=toml|json          the document as it is now
import { type Static, Type } from '@sinclair/typebox';
import { ConfigIssue } from './config.ts';
import { DocId, DocVersion } from './names.ts';
import { ApprovalState } from './policy.ts';
import { Problem } from './problem.ts';
import { Revision } from './revision.ts';
import { Scope } from './scope.ts';

export const ApplyBody = Type.Object(
  {
    doc: Type.Optional(DocId),
    scope: Scope,
    version: DocVersion,
    message: Type.Optional(Type.String({ maxLength: 2000 })),
    at: Type.Optional(
      Type.String({
        maxLength: 40,
        description: 'apply then: `2026-03-29T02:30:00Z`, or without `Z` on the clock of `timezone`',
      }),
    ),
    timezone: Type.Optional(Type.String({ maxLength: 60, description: 'IANA name, with `at`; else UTC' })),
    window: Type.Optional(Type.Literal('next', { description: 'apply as soon as the policy lets' })),
    latest: Type.Optional(
      Type.Boolean({ description: 'when it goes later, take what the document holds then' }),
    ),
    override: Type.Optional(
      Type.Boolean({ description: 'apply in spite of a freeze, as who may; needs a message' }),
    ),
  },
  { additionalProperties: false },
);
export type ApplyBody = Static<typeof ApplyBody>;
/** Header of POST /v1/manifest/apply: a retry with the same key gets the same answer. */
export const IDEMPOTENCY_HEADER = 'idempotency-key';
export const IdempotencyKey = Type.String({ pattern: '^[A-Za-z0-9_.:-]{8,200}$' });

/** GET /v1/manifest/revisions, newest first. With `next`, a sequence, go on with `?before=<next>`. */
export const RevisionPage = Type.Object({
  revisions: Type.Array(Revision),
  next: Type.Optional(Type.Integer()),
});
export type RevisionPage = Static<typeof RevisionPage>;
export const REVISION_PAGE_LIMIT = 200;

export const ApplyStatus = Type.Object({
  id: Type.String(),
  state: Type.Union([
    Type.Literal('pending'),
    Type.Literal('awaiting_approval'),
    Type.Literal('scheduled'),
    Type.Literal('published'),
    Type.Literal('refused'),
  ]),
  /** With `scheduled`. */
  dueAt: Type.Optional(Type.String()),
  /** When it needs approval, or had some. */
  approval: Type.Optional(ApprovalState),
  /** With `published`. When nothing differed from the last revision this is that revision, and `unchanged` is true. */
  revision: Type.Optional(Revision),
  unchanged: Type.Optional(Type.Boolean()),
  warnings: Type.Optional(Type.Array(ConfigIssue)),
  /** With `refused`. */
  problem: Type.Optional(Problem),
});
export type ApplyStatus = Static<typeof ApplyStatus>;

export const FieldChange = Type.Object({
  path: Type.String({ description: 'JSON pointer inside the pipeline, such as /schedule/expr' }),
  before: Type.Optional(Type.Unknown()),
  after: Type.Optional(Type.Unknown()),
});
export const PipelineChange = Type.Union([
  Type.Object({ kind: Type.Literal('added'), key: Type.String(), id: Type.String() }),
  Type.Object({ kind: Type.Literal('removed'), key: Type.String(), id: Type.String() }),
  Type.Object({
    kind: Type.Literal('changed'),
    key: Type.String(),
    id: Type.String(),
    fields: Type.Array(FieldChange),
    moved: Type.Optional(
      Type.Boolean({
        description: 'true when it is in another group or document: /group and /doc say which',
      }),
    ),
  }),
]);
export const ManifestDiff = Type.Object({
  from: Type.String({ description: 'label; v0 is the empty manifest' }),
  to: Type.String({ description: 'label' }),
  pipelines: Type.Array(PipelineChange),
  variables: Type.Array(PipelineChange),
});
export type FieldChange = Static<typeof FieldChange>;
export type PipelineChange = Static<typeof PipelineChange>;
export type ManifestDiff = Static<typeof ManifestDiff>;

/** Comments of TOML are no configuration: the file keeps them, the document does not. */
export const DroppedComments = Type.Object({
  file: Type.Optional(Type.String({ description: 'when there are several' })),
  count: Type.Integer(),
  lines: Type.Array(Type.Integer(), { description: 'the first hundred' }),
});
export type DroppedComments = Static<typeof DroppedComments>;

/** Of what a dry run told: the same question with it is refused (`document_moved`) when it would change anything else by now. */
export const PlanDigest = Type.String({
  maxLength: 100,
  description: 'of the dry run that you looked at: refused when it would change something else by now',
});

export const ImportResult = Type.Object({
  dryRun: Type.Boolean(),
  created: Type.Array(Type.String()),
  updated: Type.Array(Type.String()),
  unchanged: Type.Array(Type.String()),
  deleted: Type.Array(Type.String()),
  variables: Type.Integer({ description: 'created or updated' }),
  /** What an Apply of all would say about the document as it is after the import. */
  issues: Type.Optional(Type.Array(ConfigIssue)),
  comments: Type.Optional(DroppedComments),
  digest: Type.Optional(Type.String({ description: 'of a dry run: what the import itself may name' })),
  /** The document's version afterwards: what an Apply may name. */
  version: DocVersion,
});
export type ImportResult = Static<typeof ImportResult>;

export const UpcomingTicks = Type.Object({
  pipeline: Type.String({ description: 'id' }),
  timezone: Type.String({ description: 'that its schedule is read in' }),
  next: Type.Array(Type.String({ description: 'ISO, UTC' })),
});
export type UpcomingTicks = Static<typeof UpcomingTicks>;

/** Answer of POST /v1/manifest/validate: what an Apply with this body would come to. */
export const Validation = Type.Object({
  valid: Type.Boolean({ description: 'no issue is an error' }),
  partial: Type.Optional(
    Type.Literal(true, {
      description:
        'the token reads neither document nor manifest as a whole: what is below tells of the pipelines that the scope names, of no variable and of no other entry',
    }),
  ),
  issues: Type.Array(ConfigIssue),
  /** With `valid`: the revision it would become, or the last one when nothing differs. */
  revision: Type.Optional(Type.String({ description: 'label' })),
  unchanged: Type.Optional(Type.Boolean()),
  /** With `valid`: from the last applied manifest to what would be published. */
  diff: Type.Optional(ManifestDiff),
  /** With `valid`: the next five ticks of each pipeline whose schedule is new or another, of the first hundred. */
  upcoming: Type.Optional(Type.Array(UpcomingTicks)),
  /** What was not looked at, as nobody knows it: whether somebody serves the placements. */
  unchecked: Type.Optional(Type.Array(Type.Literal('placement'))),
});
export type Validation = Static<typeof Validation>;

/** Headers of GET /v1/manifest/latest and of a revision's body: its label and its sequence. The strong ETag is its digest. */
export const REVISION_HEADER = 'hakiri-revision';
export const SEQUENCE_HEADER = 'hakiri-sequence';
/** The event name of GET /v1/manifest/events; its id is the revision's sequence, its data AppliedData. */
export const APPLIED_EVENT = 'applied';

/** Event and SSE payload. */
export const AppliedData = Type.Object({ doc: DocId, revision: Revision });
export type AppliedData = Static<typeof AppliedData>;
