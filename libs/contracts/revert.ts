// Taking back what was applied: entries of an earlier revision written into the documents, and applied like any other edit.
import { type Static, Type } from '@sinclair/typebox';
import { ApplyStatus, PipelineChange, PlanDigest } from './apply.ts';
import { ConfigIssue } from './config.ts';
import { DocId, DocVersion } from './names.ts';
import { RevisionLabel } from './revision.ts';
import { SCOPE_NAMES_LIMIT, Scope } from './scope.ts';

export const RevertBody = Type.Object(
  {
    to: Type.String({ ...RevisionLabel, description: 'label of the revision whose entries come back' }),
    doc: Type.Optional(
      Type.String({ ...DocId, description: 'only this document; left out, each entry goes back to its own' }),
    ),
    pipelines: Type.Optional(
      Type.Array(
        Type.String({
          minLength: 1,
          maxLength: 100,
          description: 'key, or human id in that revision or in the latest',
        }),
        { minItems: 1, maxItems: SCOPE_NAMES_LIMIT, description: 'only these; left out, the whole' },
      ),
    ),
    message: Type.Optional(
      Type.String({ maxLength: 2000, description: 'of the Apply; says what it reverts when left out' }),
    ),
    dryRun: Type.Optional(Type.Boolean({ description: 'only say what would be written' })),
    digest: Type.Optional(PlanDigest),
    apply: Type.Optional(
      Type.Boolean({
        description: 'apply exactly what was written; needs an idempotency key, and no errors',
      }),
    ),
  },
  { additionalProperties: false },
);
export type RevertBody = Static<typeof RevertBody>;

export const RevertedDocument = Type.Object({
  doc: DocId,
  version: Type.String({ ...DocVersion, description: 'afterwards: what an Apply may name' }),
  updates: Type.Integer({
    description: 'written, or to be written; more than one only when it is larger than one may be',
  }),
  pipelines: Type.Array(PipelineChange),
  variables: Type.Array(PipelineChange),
  scope: Type.Optional(Scope),
  apply: Type.Optional(ApplyStatus),
});
export type RevertedDocument = Static<typeof RevertedDocument>;

/** `scope` of a document is what an Apply takes that makes the revert live; without one it need not be applied. */
export const RevertResult = Type.Object({
  dryRun: Type.Boolean(),
  to: Type.String({ description: 'label' }),
  documents: Type.Array(RevertedDocument),
  /** What the entries refer to that is gone, with what would be needed. */
  issues: Type.Array(ConfigIssue),
  digest: Type.Optional(Type.String({ description: 'of a dry run: what the revert itself may name' })),
});
export type RevertResult = Static<typeof RevertResult>;
