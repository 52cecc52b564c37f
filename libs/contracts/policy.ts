// A team's apply policy: who has to agree before what goes live, and when nothing may. Read and saved by admins:
//   GET policy   SavedPolicy        PUT policy (PolicyBody)   SavedPolicy, or 409 conflict when somebody saved meanwhile
import { type Static, Type } from '@sinclair/typebox';
import { Problem } from './problem.ts';

const short = (limit: number) => Type.String({ minLength: 1, maxLength: limit });
const closed = { additionalProperties: false };

/** Roles that may do `manifest.approve`, and members by their user id. */
export const People = Type.Object(
  {
    roles: Type.Array(Type.Union([Type.Literal('applier'), Type.Literal('admin'), Type.Literal('owner')]), {
      maxItems: 3,
    }),
    users: Type.Array(short(100), { maxItems: 50 }),
  },
  closed,
);
export type People = Static<typeof People>;

export const ProtectedGroup = Type.Object(
  {
    group: Type.String({ maxLength: 500, description: 'path; with those below it; empty is everything' }),
    approvals: Type.Integer({ minimum: 1, maximum: 10, description: 'by so many different people' }),
    by: People,
  },
  closed,
);

/** A recurring one begins at each tick of `cron`, read as a schedule's is, and lasts so many minutes that really pass. */
export const TimeSpan = Type.Union([
  Type.Object({ kind: Type.Literal('between'), from: short(40), until: short(40) }, closed),
  Type.Object(
    {
      kind: Type.Literal('recurring'),
      cron: short(200),
      timezone: Type.Optional(Type.String({ maxLength: 60, description: 'IANA name; UTC when absent' })),
      minutes: Type.Integer({ minimum: 1, maximum: 31 * 24 * 60 }),
    },
    closed,
  ),
]);
export type TimeSpan = Static<typeof TimeSpan>;

export const Freeze = Type.Object(
  { name: short(100), when: TimeSpan, override: Type.Optional(People) },
  closed,
);

/** What has no `by` or `override` of its own is for admins and owners. */
export const ApplyPolicy = Type.Object(
  {
    protected: Type.Array(ProtectedGroup, { maxItems: 20 }),
    requireMessage: Type.Boolean(),
    ticket: Type.Optional(
      Type.Object(
        {
          pattern: Type.String({
            minLength: 1,
            maxLength: 200,
            description: 'RE2 syntax; has to be found in the message',
          }),
          example: Type.Optional(short(100)),
        },
        closed,
      ),
    ),
    freezes: Type.Array(Freeze, { maxItems: 20 }),
    /** Without it any time will do. */
    windows: Type.Optional(
      Type.Object(
        {
          open: Type.Array(TimeSpan, { minItems: 1, maxItems: 20 }),
          override: Type.Optional(People),
        },
        closed,
      ),
    ),
    approvalHours: Type.Integer({
      minimum: 1,
      maximum: 720,
      description: 'a request that is not approved by then is refused',
    }),
  },
  closed,
);
export type ApplyPolicy = Static<typeof ApplyPolicy>;

/** Of a team that never saved one: nothing is asked of anybody. */
export const NO_POLICY: ApplyPolicy = {
  protected: [],
  requireMessage: false,
  freezes: [],
  approvalHours: 72,
};

export const SavedPolicy = Type.Object({
  version: Type.Integer({ minimum: 0, description: '0 when none was ever saved; name it in the next PUT' }),
  policy: ApplyPolicy,
  savedAt: Type.Optional(Type.String()),
  savedBy: Type.Optional(Type.String({ description: 'user id' })),
});
export type SavedPolicy = Static<typeof SavedPolicy>;

export const PolicyBody = Type.Object(
  { version: Type.Integer({ minimum: 0, description: 'the one that was read' }), policy: ApplyPolicy },
  closed,
);
export type PolicyBody = Static<typeof PolicyBody>;

export const Need = Type.Object({
  group: Type.String({ description: 'the protected group; empty is everything' }),
  approvals: Type.Integer({ description: 'needed' }),
  given: Type.Integer(),
});
export type Need = Static<typeof Need>;

/** What the policy says of an Apply. */
export const PolicyVerdict = Type.Union([
  Type.Object({ kind: Type.Literal('go'), overrode: Type.Array(Type.String()) }),
  Type.Object({ kind: Type.Literal('approval'), needs: Type.Array(Need) }),
  Type.Object({ kind: Type.Literal('wait'), until: Type.String() }),
  Type.Object({ kind: Type.Literal('refused'), problem: Problem }),
]);
export type PolicyVerdict = Static<typeof PolicyVerdict>;

export const Approval = Type.Object({
  user: Type.String(),
  at: Type.String(),
  reason: Type.String(),
  isVoid: Type.Boolean({ description: 'given for content that has changed since' }),
  counts: Type.Boolean({
    description: 'of this content, by somebody who might still approve when it was last looked at',
  }),
});
/** What a request waits for people with. */
export const ApprovalState = Type.Object({
  digest: Type.String({ description: 'of exactly what would change: name it when you approve' }),
  expiresAt: Type.Optional(Type.String()),
  needs: Type.Array(Need),
  approvals: Type.Array(Approval),
});
export type ApprovalState = Static<typeof ApprovalState>;
