// Requests that wait, for people or for a time, and what an Apply would publish, below /v1/manifest:
//   GET  requests?state=waiting|refused|all&before=&limit=, or ?key=   RequestList     GET requests/<id>   RequestView
//   POST requests/<id>/approve (ApproveBody)      ApplyStatus        POST requests/<id>/reject (RejectBody)   ApplyStatus
//   POST requests/<id>/cancel                     ApplyStatus        POST apply?dryRun=true (ApplyBody)       DryRun
import { type Static, Type } from '@sinclair/typebox';
import { ApplyStatus, ManifestDiff } from './apply.ts';
import { ConfigIssue } from './config.ts';
import { DocId, DocVersion } from './names.ts';
import { PolicyVerdict } from './policy.ts';
import { Scope } from './scope.ts';

const RequestFacts = Type.Object({
  author: Type.String({ description: 'user id' }),
  createdAt: Type.String(),
  doc: DocId,
  scope: Scope,
  version: DocVersion,
  message: Type.String(),
  at: Type.Optional(Type.String()),
  timezone: Type.Optional(Type.String()),
  window: Type.Optional(Type.Literal('next')),
  latest: Type.Optional(Type.Boolean()),
  /** Freezes that were overridden, and who approved, of one that went live. */
  overrode: Type.Optional(Type.Array(Type.String())),
  approvedBy: Type.Optional(Type.Array(Type.String())),
});
export const RequestSummary = Type.Composite([ApplyStatus, RequestFacts]);
export type RequestSummary = Static<typeof RequestSummary>;

/** Newest first; with `next` go on with `?before=<next>`. */
export const RequestList = Type.Object({
  requests: Type.Array(RequestSummary),
  next: Type.Optional(Type.String()),
});
export type RequestList = Static<typeof RequestList>;
export const REQUEST_PAGE_LIMIT = 100;

/** What a waiting request would change, as it is now. */
export const Proposal = Type.Object({
  digest: Type.String({ description: 'of exactly this: what an approval names' }),
  diff: ManifestDiff,
  /** The TOML of the entries that differ, with the variables that changed pipelines use; absent over PROPOSAL_LIMIT_BYTES. */
  before: Type.Optional(Type.String()),
  after: Type.Optional(Type.String()),
});
export type Proposal = Static<typeof Proposal>;
export const PROPOSAL_LIMIT_BYTES = 1024 * 1024;

export const RequestView = Type.Composite([
  RequestSummary,
  Type.Object({
    /** With a request that waits. When its digest is not `approval.digest`, the content changed and approvals are void. */
    proposal: Type.Optional(Proposal),
    /** Why there is none now. */
    unavailable: Type.Optional(Type.String()),
  }),
]);
export type RequestView = Static<typeof RequestView>;

export const ApproveBody = Type.Object(
  {
    digest: Type.String({ maxLength: 100, description: 'of the proposal that you looked at' }),
    reason: Type.Optional(Type.String({ maxLength: 2000 })),
  },
  { additionalProperties: false },
);
export const RejectBody = Type.Object(
  { reason: Type.String({ minLength: 1, maxLength: 2000 }) },
  { additionalProperties: false },
);
export type ApproveBody = Static<typeof ApproveBody>;
export type RejectBody = Static<typeof RejectBody>;

/** Exactly what an Apply with this body would publish, when nothing happens in between. */
export const DryRun = Type.Object({
  revision: Type.String({ description: 'label; of the last one when nothing differs' }),
  unchanged: Type.Boolean(),
  digest: Type.String({ description: 'sha256:<hex> of `toml`; of the whole manifest also with `partial`' }),
  toml: Type.String(),
  partial: Type.Optional(
    Type.Literal(true, {
      description:
        'the token reads neither document nor manifest as a whole: `toml`, `diff` and `warnings` tell of the pipelines that the scope names, of no variable and of no other entry',
    }),
  ),
  diff: ManifestDiff,
  warnings: Type.Array(ConfigIssue),
  policy: PolicyVerdict,
});
export type DryRun = Static<typeof DryRun>;
