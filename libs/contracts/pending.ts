// What of a document is not live yet: what sync knows to be touched, what apply makes of it, and how people take it back.
//   GET  /v1/manifest/pending?doc=&after=             PendingPage
//   POST /v1/manifest/discard (DiscardBody)           DiscardResult
import { type Static, Type } from '@sinclair/typebox';
import { PipelineChange } from './apply.ts';
import { ConfigDraft } from './config.ts';
import { DocId, DocVersion } from './names.ts';

const Names = (limit: number) =>
  Type.Array(Type.String({ minLength: 1, maxLength: 100 }), { maxItems: limit });

/** Of one request over the bus. */
export const TOUCHED_NAMES_LIMIT = 1_000;
export const SETTLED_LIMIT = 4_000;

/**
 * Asks a document's owner for what was touched since it was last applied, in pages, each as the document is then. Touched is not
 * different: whoever asks compares, and says with SettleTouched what turned out to be the same.
 */
export const TouchedRequest = Type.Object({
  /** Only where something that people alone read was touched since that was last looked at. */
  only: Type.Optional(Type.Literal('cosmetic')),
  /** Just these, touched or not: pipelines by key or id, variables by key or name. */
  named: Type.Optional(
    Type.Object({ pipelines: Names(TOUCHED_NAMES_LIMIT), variables: Names(TOUCHED_NAMES_LIMIT) }),
  ),
  after: Type.Optional(Type.String()),
});
export const TouchedReply = Type.Union([
  Type.Object({
    kind: Type.Literal('page'),
    version: DocVersion,
    /** Nobody knows what was touched: these are all that the document has. What was deleted is not among them. */
    isWhole: Type.Boolean(),
    pipelines: ConfigDraft.properties.pipelines,
    variables: ConfigDraft.properties.variables,
    /** Keys that the document has no more. */
    gone: Type.Object({ pipelines: Type.Array(Type.String()), variables: Type.Array(Type.String()) }),
    /** Keys of what is alone too large for a page. */
    tooLarge: Type.Array(Type.String()),
    /** Opaque: ask again with it as `after`. */
    next: Type.Optional(Type.String()),
  }),
  Type.Object({ kind: Type.Literal('no_document') }),
]);
export type TouchedRequest = Static<typeof TouchedRequest>;
export type TouchedReply = Static<typeof TouchedReply>;

/** What apply found in the document, `at` that version, to be as it was published up to the revision with this sequence. */
export const SettleRequest = Type.Object({
  at: DocVersion,
  sequence: Type.Integer({ minimum: 0 }),
  /** Keys. */
  same: Type.Object({ pipelines: Names(SETTLED_LIMIT), variables: Names(SETTLED_LIMIT) }),
  /** When nobody knew what was touched: everything was compared, and differs nowhere but here. */
  allBut: Type.Optional(Type.Object({ pipelines: Names(SETTLED_LIMIT), variables: Names(SETTLED_LIMIT) })),
  /** What people alone read was published up to that version. */
  isPublished: Type.Optional(Type.Boolean()),
});
export const SettleReply = Type.Object({});
export type SettleRequest = Static<typeof SettleRequest>;

/** Something that people alone read was edited, and nobody goes on editing such a thing just now. */
export const RestedData = Type.Object({
  doc: DocId,
  version: DocVersion,
  /** Who did, the last first; the first RESTED_USERS_LIMIT of them. */
  users: Type.Array(Type.String()),
});
export type RestedData = Static<typeof RestedData>;
export const RESTED_USERS_LIMIT = 20;

/** `cosmetic`: it publishes by itself, as nothing that runs differs. */
export const PendingChange = Type.Intersect([PipelineChange, Type.Object({ cosmetic: Type.Boolean() })]);
export type PendingChange = Static<typeof PendingChange>;

/** How the document differs from what was last applied of it: `before` is live, `after` is what an Apply would take. */
export const PendingPage = Type.Object({
  doc: DocId,
  /** The document's, when the page was read: what an Apply or a discard may name. */
  version: DocVersion,
  /** Label of the revision that it was compared with; absent before the first Apply. */
  revision: Type.Optional(Type.String()),
  pipelines: Type.Array(PendingChange),
  variables: Type.Array(PendingChange),
  next: Type.Optional(Type.String({ description: 'go on with ?after=<next>' })),
});
export type PendingPage = Static<typeof PendingPage>;
const Fields = Type.Optional(
  Type.Array(Type.String({ maxLength: 400, description: 'JSON pointers, such as /schedule/expr' }), {
    minItems: 1,
    maxItems: 200,
    description: 'these alone; all that differs when absent',
  }),
);
export const DISCARD_LIMIT = 500;
export const DiscardBody = Type.Object(
  {
    doc: Type.Optional(DocId),
    /** Pipelines that somebody touched after it stay as they are: nobody discards what they have not seen. */
    version: Type.Optional(DocVersion),
    pipelines: Type.Optional(
      Type.Array(
        Type.Object(
          {
            pipeline: Type.String({ minLength: 1, maxLength: 100, description: 'key or id' }),
            fields: Fields,
          },
          { additionalProperties: false },
        ),
        { maxItems: DISCARD_LIMIT },
      ),
    ),
    variables: Type.Optional(
      Type.Array(
        Type.Object(
          {
            variable: Type.String({ minLength: 1, maxLength: 100, description: 'key or name' }),
            fields: Fields,
          },
          { additionalProperties: false },
        ),
        { maxItems: DISCARD_LIMIT },
      ),
    ),
  },
  { additionalProperties: false },
);
export type DiscardBody = Static<typeof DiscardBody>;

export const DiscardResult = Type.Object({
  doc: DocId,
  /** The document's afterwards. */
  version: DocVersion,
  /** Keys of what is as it was applied now, as far as was asked. */
  discarded: Type.Array(Type.String()),
  /** Keys of what stayed as it is, as somebody touched it after the version that was named. */
  kept: Type.Array(Type.String()),
});
export type DiscardResult = Static<typeof DiscardResult>;

/** Key in the `%EPS` room of a document, written by the server alone; its value is PendingNews. */
export const PENDING_KEY = 'pending';
/** How many were touched since they were last applied: news of a change, to be followed by GET pending. */
export const PendingNews = Type.Object({ pipelines: Type.Integer(), variables: Type.Integer() });
export type PendingNews = Static<typeof PendingNews>;
