// A revision: what an Apply published, as the API, the event and the index beside the bodies tell it, and where it is kept.
import { isRecord } from '@hakiri/base/json';
import { type Static, Type } from '@sinclair/typebox';
import { Signature } from './delivery.ts';
import { DocId, DocVersion } from './names.ts';
import { Scope } from './scope.ts';

/** `minor` is 0 for an Apply, and counts what was published since without changing anything that runs. */
export type RevisionName = { number: number; minor: number };

export const Revision = Type.Object({
  sequence: Type.Integer({
    minimum: 1,
    description: 'how many revisions there are up to this one: what orders them',
  }),
  number: Type.Integer({ minimum: 1 }),
  minor: Type.Integer({ minimum: 0, description: '0, or the n-th since that changes nothing that runs' }),
  label: Type.String({ description: '`v43`, or `v43.1`' }),
  file: Type.String({ description: '`manifest@v43.toml`' }),
  digest: Type.String({ description: 'sha256:<hex> of the TOML bytes' }),
  runtimeDigest: Type.Optional(
    Type.String({
      description: 'of what runs alone: without names, descriptions, tags, groups and comments of variables',
    }),
  ),
  signature: Type.Optional(
    Type.Composite([Signature], { description: 'absent on revisions from before there were signatures' }),
  ),
  sizeBytes: Type.Integer(),
  publishedAt: Type.String(),
  author: Type.String({ description: 'user id' }),
  approvedBy: Type.Optional(
    Type.Array(Type.String(), { description: 'user ids of those whose approvals let it go' }),
  ),
  message: Type.String(),
  doc: DocId,
  version: DocVersion,
  scope: Scope,
  pipelines: Type.Integer({ description: 'how many the manifest holds' }),
  changed: Type.Array(Type.String(), {
    description: 'ids added, changed or removed against the revision before; the first CHANGED_LIMIT of them',
  }),
  changedMore: Type.Optional(Type.Integer({ description: 'how many more than CHANGED_LIMIT' })),
});
/** A revision travels whole in one bus message. */
export const CHANGED_LIMIT = 1000;
export type Revision = Static<typeof Revision>;

/** What the index says of a revision: enough to find, check and name it. The rest, which may be long, is in the API. */
export const IndexedRevision = Type.Omit(Revision, ['scope', 'changed', 'changedMore', 'approvedBy']);
export type IndexedRevision = Static<typeof IndexedRevision>;

/**
 * INDEX_FILE, beside the bodies: the newest revisions, newest first, so that an Apply costs the same however many there are.
 * Older ones are in pages of INDEX_PAGE, each written once; `older` names the next file to read.
 */
export const RevisionIndex = Type.Object({
  format: Type.Literal(2),
  team: Type.String(),
  revisions: Type.Array(IndexedRevision),
  older: Type.Optional(Type.String()),
});
export type RevisionIndex = Static<typeof RevisionIndex>;

/** As it was before there were minor revisions and pages: every revision in one file. */
export const RevisionIndexV1 = Type.Object({
  format: Type.Literal(1),
  team: Type.String(),
  revisions: Type.Array(Type.Omit(IndexedRevision, ['sequence', 'minor'])),
});

export const INDEX_FILE = 'manifest-revisions.json';
/** Revisions in a page. INDEX_FILE holds fewer than twice as many. */
export const INDEX_PAGE = 100;

/** The n-th page holds the sequences from (n − 1) × INDEX_PAGE + 1 to n × INDEX_PAGE. */
export function indexPageFile(page: number): string {
  return `manifest-revisions@${page}.json`;
}

export function labelOf({ number, minor }: RevisionName): string {
  return minor === 0 ? `v${number}` : `v${number}.${minor}`;
}

/** `v43.1`, `43.1`, `v43` or `43`. */
export const RevisionLabel = Type.String({ pattern: '^v?[0-9]{1,15}(\\.[0-9]{1,9})?$' });

/** Of a RevisionLabel; `v0` is the empty manifest. */
export function parseLabel(label: string): RevisionName {
  const [number, minor = '0'] = label.replace(/^v/, '').split('.');
  return { number: Number(number), minor: Number(minor) };
}

/** A revision as it was told before there were minor ones, as it is told now. What already is stays as it is. */
export function withSequence(revision: unknown): unknown {
  if (!isRecord(revision) || 'sequence' in revision) return revision;
  return { ...revision, sequence: revision.number, minor: 0 };
}

/** Of a revision's TOML. */
export function bodyFile(name: RevisionName): string {
  return `manifest@${labelOf(name)}.toml`;
}

/** Beside the body: a SignedManifest. */
export function signatureFile(name: RevisionName): string {
  return `${bodyFile(name)}.sig`;
}

/**
 * Where a body moves once it is old. A reader of the blob store looks for a revision's `file` and, when it is not there, for
 * this one; every `file` that an index or a page names is meant so, and stays true.
 */
export function coldFile(file: string): string {
  return `cold/${file}`;
}

/** In the blob store: a folder of each team that has published. */
export const TEAMS_FOLDER = 'teams/';

/** Where a team's file is in the blob store. */
export function blobKey(team: string, file: string): string {
  return `${TEAMS_FOLDER}${team}/${file}`;
}
