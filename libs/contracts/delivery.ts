// What is told to and by those who run manifests: signatures and the keys that verify them, daemons' reports, who runs what.
//   GET  keys                                  SigningKeySet (a JWKS); public    POST keys/rotate (RotateBody)   SigningKeySet
//   POST reports (DaemonReport)                204                               GET  daemons?after=&limit=      DaemonPage
import { type Static, Type } from '@sinclair/typebox';
import { TeamId } from './names.ts';

/** Ed25519 over `statementOf` of libs/manifest/signature.ts. */
export const Signature = Type.Object({
  key: Type.String({ description: 'kid of the key in the key set', maxLength: 100 }),
  value: Type.String({ description: 'base64url', maxLength: 200 }),
});
export type Signature = Static<typeof Signature>;

/** What a signature says: which bytes are which revision of whose. */
export const ManifestFacts = Type.Object({
  team: TeamId,
  label: Type.String({ maxLength: 40 }),
  sequence: Type.Integer({ minimum: 1 }),
  digest: Type.String({ maxLength: 100 }),
  runtimeDigest: Type.String({ maxLength: 100 }),
});
export type ManifestFacts = Static<typeof ManifestFacts>;
/** `manifest@v43.toml.sig` beside the body, and the header SIGNATURE_HEADER. */
export const SignedManifest = Type.Composite([ManifestFacts, Type.Object({ signature: Signature })]);
export type SignedManifest = Static<typeof SignedManifest>;
/** A SignedManifest as JSON. Absent for revisions from before there were signatures. */
export const SIGNATURE_HEADER = 'hakiri-signature';
/** Of a request for the latest manifest: the highest sequence that the reader has seen. Nothing older is answered. */
export const KNOWN_SEQUENCE_HEADER = 'hakiri-known-sequence';

/** An entry of a JWKS (RFC 7517, RFC 8037); kid is its thumbprint (RFC 7638). */
export const SigningKey = Type.Object({
  kty: Type.Literal('OKP'),
  crv: Type.Literal('Ed25519'),
  alg: Type.Literal('EdDSA'),
  use: Type.Literal('sig'),
  kid: Type.String(),
  x: Type.String({ description: 'the public key, base64url' }),
  signsFrom: Type.String({ description: 'a key is published before it signs; keys are ranked by this' }),
  signsSince: Type.Optional(
    Type.String({ description: 'of one that replaced a waiting key at once: it signs since then' }),
  ),
  signsUntil: Type.Optional(Type.String({ description: 'what it signed until then verifies for ever' })),
  endorsement: Type.Optional(
    Type.Composite([Signature], { description: 'of this key by the one before it; the first has none' }),
  ),
});
export type SigningKey = Static<typeof SigningKey>;
/** A few hundred bytes each. */
export const SIGNING_KEYS_LIMIT = 1_000;
/** Oldest first. */
export const SigningKeySet = Type.Object({ keys: Type.Array(SigningKey, { maxItems: SIGNING_KEYS_LIMIT }) });
export type SigningKeySet = Static<typeof SigningKeySet>;
/** The same in the blob store, beside `teams/`. */
export const KEYS_FILE = 'manifest-keys.json';

const DAY_S = 24 * 60 * 60;
/** How long the next key is published before it signs. */
export const KEY_OVERLAP_S = DAY_S;
export const KEY_OVERLAP_LIMIT_S = 30 * DAY_S;
export const RotateBody = Type.Object(
  {
    overlapS: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: KEY_OVERLAP_LIMIT_S,
        description: `seconds until the new key signs; ${KEY_OVERLAP_S} when absent; with 0 it signs at once and replaces a waiting one, too`,
      }),
    ),
  },
  { additionalProperties: false },
);
export type RotateBody = Static<typeof RotateBody>;

export const DaemonState = Type.Union(
  [Type.Literal('running'), Type.Literal('refused'), Type.Literal('failed')],
  {
    description:
      '`refused`: what is newer did not verify; `failed`: it could not be taken over. Either way it runs what it names',
  },
);
export type DaemonState = Static<typeof DaemonState>;

/** What a daemon runs. Sent when that changes, and every DAEMON_REPORT_MS. */
export const DaemonReport = Type.Object(
  {
    name: Type.String({
      pattern: '^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$',
      description: 'unique within its token',
    }),
    sequence: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description: '0: nothing yet' }),
    digest: Type.String({ maxLength: 100 }),
    runtimeDigest: Type.Optional(Type.String({ maxLength: 100 })),
    state: DaemonState,
    detail: Type.Optional(Type.String({ maxLength: 500, description: 'why it is not simply running' })),
    since: Type.String({ maxLength: 40, description: 'since when it runs this; ISO 8601' }),
  },
  { additionalProperties: false },
);
export type DaemonReport = Static<typeof DaemonReport>;
export const DAEMON_REPORT_MS = 60_000;

export const Daemon = Type.Object({
  name: Type.String(),
  token: Type.String({ description: 'user of the token it reports with' }),
  sequence: Type.Integer(),
  label: Type.Optional(Type.String({ description: 'absent when no such revision was ever published' })),
  digest: Type.String(),
  runtimeDigest: Type.Optional(Type.String()),
  state: DaemonState,
  detail: Type.Optional(Type.String()),
  since: Type.String(),
  lastSeen: Type.String(),
  behindRevisions: Type.Integer({ description: 'revisions published since the one it runs' }),
  behindS: Type.Integer({ description: 'seconds since the first of those was published; 0 without' }),
  /** What runs is the same as in the latest, whatever its name. */
  runsLatest: Type.Boolean(),
  drift: Type.Optional(
    Type.Union([Type.Literal('other_digest'), Type.Literal('unknown_revision'), Type.Literal('silent')], {
      description:
        'it runs other bytes than its revision has; a revision that is not; or it stopped reporting',
    }),
  ),
});
export type Daemon = Static<typeof Daemon>;
/** By name. With `next` go on with `?after=<next>`. */
export const DaemonPage = Type.Object({
  latest: Type.Optional(Type.Object({ label: Type.String(), sequence: Type.Integer() })),
  daemons: Type.Array(Daemon),
  next: Type.Optional(Type.String()),
});
export type DaemonPage = Static<typeof DaemonPage>;
export const DAEMON_PAGE_LIMIT = 200;
