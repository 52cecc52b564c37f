// The names that cross borders: teams, documents, pipelines, and the versions of a document.
// They are kept to characters that mean nothing to NATS subjects, URLs and file names, so no border has to escape them.
import { type Static, Type } from '@sinclair/typebox';

const SLUG = '^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$';

export const TeamId = Type.String({
  pattern: SLUG,
  description: 'lower-case letters, digits and hyphens, no hyphen first or last; at most 40',
});
export const DocId = Type.String({
  pattern: SLUG,
  description: 'lower-case letters, digits and hyphens, no hyphen first or last; at most 40',
});
export type TeamId = Static<typeof TeamId>;
export type DocId = Static<typeof DocId>;

/** Never reused: the identity of a pipeline, a transform or a variable through renames. */
export const Key = Type.String({ pattern: '^[0-9A-HJKMNP-TV-Z]{26}$', description: 'a ULID' });
export type Key = Static<typeof Key>;

/** The id that people see and that the manifest uses. */
export const HumanId = Type.String({ pattern: '^[a-z0-9][a-z0-9_.-]{0,99}$' });

/**
 * Peer ids that a version may name. Bounds what a document may have (services/sync/host/leases.ts), what is read of a version
 * (libs/config-doc/version.ts) and how long its text is: what may be written can be named.
 */
export const VERSION_PEERS_LIMIT = 10_000;
/** How many there are, and of each its id and counter as varints. */
const VERSION_BYTES = 3 + VERSION_PEERS_LIMIT * (10 + 5);

/** A Loro version vector, encoded by Loro, as base64url. Names one exact state of a document. */
export const DocVersion = Type.String({
  pattern: '^[A-Za-z0-9_-]+$',
  maxLength: Math.ceil((VERSION_BYTES * 4) / 3),
  description: 'base64url of a version vector',
});
export type DocVersion = Static<typeof DocVersion>;

export const DEFAULT_TEAM: TeamId = 'default';
export const DEFAULT_DOC: DocId = 'main';

/** The loro-protocol room of a document. */
export function roomOf(team: TeamId, doc: DocId): string {
  return `${team}/${doc}`;
}
