// Whether what lies in the blob store is what was published: POST /v1/manifest/store/check, answered line by line.
import { type Static, Type } from '@sinclair/typebox';

export const StoreCheckBody = Type.Object(
  { deleteUnreferenced: Type.Optional(Type.Boolean({ description: 'false when absent' })) },
  { additionalProperties: false },
);
export type StoreCheckBody = Static<typeof StoreCheckBody>;

export const StoreFinding = Type.Object({
  kind: Type.Union([
    Type.Literal('missing', { description: 'was published, and is not there' }),
    Type.Literal('damaged', { description: 'is there with other bytes than were published' }),
    Type.Literal('unlisted', { description: 'was published, and no index or page names it' }),
    Type.Literal('unreferenced', { description: 'belongs to no revision' }),
    Type.Literal('foreign', { description: 'has a name that nothing here gives; it is never deleted' }),
  ]),
  file: Type.String({ description: "below the team's place" }),
});
export type StoreFinding = Static<typeof StoreFinding>;
/** A report names so many of them; `findingsMore` counts the others. */
export const FINDINGS_LIMIT = 1_000;

/** One line each (NDJSON): progress now and then, at last the report, or what ended the check. */
export const StoreCheckLine = Type.Union([
  Type.Object({ kind: Type.Literal('progress'), checked: Type.Integer(), revisions: Type.Integer() }),
  Type.Object({
    kind: Type.Literal('report'),
    revisions: Type.Integer(),
    files: Type.Integer({ description: 'in the store' }),
    findings: Type.Array(StoreFinding),
    findingsMore: Type.Integer(),
    deleted: Type.Integer(),
  }),
  Type.Object({ kind: Type.Literal('failed'), detail: Type.String() }),
]);
export type StoreCheckLine = Static<typeof StoreCheckLine>;
export type StoreReport = Extract<StoreCheckLine, { kind: 'report' }>;
