// What auth says over HTTP and over the bus.
import { type Static, Type } from '@sinclair/typebox';
import { TeamId } from './names.ts';
import { MemberRole, TokenRole } from './roles.ts';

export const Session = Type.Object({
  accessToken: Type.String({
    description: 'a biscuit, base64url; `Authorization: Bearer`, or the join payload of a room',
  }),
  accessExpiresAt: Type.String(),
  refreshToken: Type.String({ description: 'works once; the answer to it holds the next one' }),
  user: Type.String(),
  name: Type.String(),
  team: TeamId,
  role: MemberRole,
});
export type Session = Static<typeof Session>;

export const RedeemBody = Type.Object(
  {
    code: Type.String({ minLength: 16, maxLength: 200 }),
    name: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
  },
  { additionalProperties: false },
);
export const RefreshBody = Type.Object(
  { refreshToken: Type.String({ minLength: 16, maxLength: 200 }) },
  { additionalProperties: false },
);

export const Me = Type.Object({
  user: Type.String(),
  name: Type.String(),
  team: TeamId,
  role: TokenRole,
  actions: Type.Array(Type.String()),
  pipelines: Type.Optional(
    Type.Array(Type.String(), { description: 'all that a narrowed token may do these on, by id' }),
  ),
});
export type Me = Static<typeof Me>;

export const Member = Type.Object({
  user: Type.String(),
  name: Type.String(),
  role: MemberRole,
  since: Type.String(),
});
export type Member = Static<typeof Member>;

export const MemberList = Type.Object({ members: Type.Array(Member) });
export const MemberPatch = Type.Object(
  {
    role: Type.Optional(MemberRole),
    name: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
    was: Type.Optional(MemberRole),
    /** The name that was seen, likewise. */
    wasName: Type.Optional(Type.String({ maxLength: 100 })),
  },
  { additionalProperties: false, minProperties: 1 },
);
/** The role that was seen: with another by now nothing is changed (`precondition_failed`). */
export const SeenRole = Type.Object({ was: Type.Optional(MemberRole) });
export type MemberPatch = Static<typeof MemberPatch>;

/** A new team, whose owner the caller becomes; the answer is a session in it. */
export const TeamBody = Type.Object({ team: TeamId }, { additionalProperties: false });

/** A one-time link: an invitation of a new member, or a further sign-in for oneself (`self`). */
export const LinkBody = Type.Union([
  Type.Object(
    {
      kind: Type.Literal('invite'),
      /** Without one, whoever redeems it says theirs. */
      name: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
      role: MemberRole,
    },
    { additionalProperties: false },
  ),
  Type.Object({ kind: Type.Literal('self') }, { additionalProperties: false }),
]);
export type LinkBody = Static<typeof LinkBody>;
export const Link = Type.Object({
  code: Type.String({ description: 'open <url>/#code=<code>, or redeem it at POST /v1/auth/redeem' }),
  expiresAt: Type.String(),
});
export type Link = Static<typeof Link>;

/** An invitation that waits; its code is nowhere but in the link. */
export const LinkInfo = Type.Object({
  id: Type.String(),
  name: Type.Optional(Type.String()),
  role: MemberRole,
  createdBy: Type.String(),
  expiresAt: Type.String(),
});
export type LinkInfo = Static<typeof LinkInfo>;
export const LinkList = Type.Object({ links: Type.Array(LinkInfo) });

/** A token is sent with every request: it does not carry a long list. */
export const TOKEN_PIPELINES_LIMIT = 50;
const TokenPipelines = Type.Array(Type.String({ pattern: '^[a-z0-9][a-z0-9_.-]{0,99}$' }), {
  minItems: 1,
  maxItems: TOKEN_PIPELINES_LIMIT,
  description: 'all that the token may do anything on, by id; each of its role’s actions on a pipeline',
});

export const TokenBody = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 100 }),
    role: TokenRole,
    ttlDays: Type.Integer({ minimum: 1, maximum: 366 }),
    pipelines: Type.Optional(TokenPipelines),
  },
  { additionalProperties: false },
);
export type TokenBody = Static<typeof TokenBody>;
export const TokenInfo = Type.Object({
  id: Type.String(),
  name: Type.String(),
  role: TokenRole,
  createdBy: Type.String(),
  createdAt: Type.String(),
  expiresAt: Type.String(),
  revokedAt: Type.Optional(Type.String()),
  pipelines: Type.Optional(Type.Array(Type.String())),
});
export type TokenInfo = Static<typeof TokenInfo>;
export const TokenList = Type.Object({ tokens: Type.Array(TokenInfo) });
export const IssuedToken = Type.Object({
  info: TokenInfo,
  token: Type.String({ description: 'shown once' }),
});
export type IssuedToken = Static<typeof IssuedToken>;

export const PublicKey = Type.Object({
  id: Type.Integer({ description: 'the root key id inside the biscuit' }),
  algorithm: Type.Literal('ed25519'),
  publicKey: Type.String({ description: 'hex' }),
});
export const KeySet = Type.Object({ keys: Type.Array(PublicKey) });
export type KeySet = Static<typeof KeySet>;

/** What somebody may do today, whatever a token once said: a member, or a program by the user of its token. */
export const StandingQuery = Type.Object({ user: Type.String({ minLength: 1, maxLength: 100 }) });
export const Standing = Type.Object({
  /** Null: no member of the team, or a token that was revoked, has expired or is not known. */
  role: Type.Union([TokenRole, Type.Null()]),
  /** Who answers for it: the member, or of a program who made its token, also one that was revoked; absent when nobody knows. */
  person: Type.Optional(Type.String()),
});
export type Standing = Static<typeof Standing>;

/** Biscuit revocation ids (hex), with when each may be forgotten because the token has expired anyway. */
export const Revocations = Type.Object({
  revocations: Type.Array(
    Type.Object({
      id: Type.String(),
      until: Type.String(),
      /** Only this token ends: its holder has another role now, and gets a token of it by renewing. */
      renew: Type.Optional(Type.Boolean()),
    }),
  ),
});
export type Revocations = Static<typeof Revocations>;
/**
 * All of them, page by page: a message has room for some thousands. `after` is the `next` of the page before, or later the
 * `last` of the last page, for what has come since.
 */
export const RevocationsQuery = Type.Object({ after: Type.Optional(Type.Integer({ minimum: 0 })) });
export const RevocationsPage = Type.Composite([
  Revocations,
  Type.Object({
    next: Type.Optional(Type.Integer({ minimum: 0 })),
    /** Where to go on from, expired ones included; below `after` when auth came back from an older copy: read all anew. */
    last: Type.Optional(Type.Integer({ minimum: 0 })),
  }),
]);
export type RevocationsPage = Static<typeof RevocationsPage>;

export const AuditRecord = Type.Object({
  action: Type.String({ description: 'such as manifest.apply' }),
  outcome: Type.Union([Type.Literal('done'), Type.Literal('refused')]),
  target: Type.String(),
  /** JSON; what it was and became, or why it was refused. Never a secret. */
  detail: Type.Record(Type.String(), Type.Unknown()),
});
export type AuditRecord = Static<typeof AuditRecord>;
export const AuditEntry = Type.Composite([
  AuditRecord,
  Type.Object({
    sequence: Type.Integer(),
    at: Type.String(),
    actor: Type.Object({ kind: Type.String(), id: Type.String() }),
    service: Type.String(),
    hash: Type.String({ description: 'sha256 over the entry and the hash before it' }),
  }),
]);
export type AuditEntry = Static<typeof AuditEntry>;

/** Oldest first; `next` is the `after` of the page that follows. */
export const AuditPage = Type.Object({
  entries: Type.Array(AuditEntry),
  next: Type.Optional(Type.Integer()),
});
export type AuditPage = Static<typeof AuditPage>;
/** The whole chain, recomputed: how many entries hold, the last hash, and the first sequence that does not fit. */
export const AuditCheck = Type.Object({
  intact: Type.Boolean(),
  entries: Type.Integer(),
  head: Type.String(),
  brokenAt: Type.Optional(Type.Integer()),
});
export type AuditCheck = Static<typeof AuditCheck>;
