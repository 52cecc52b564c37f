// A folder of files kept in git, merged into a document; and one pipeline patched. Below /v1/manifest:
//   POST  merge (MergeBody)                                                    MergeResult, or 409 `merge_conflict`
//   PATCH pipelines/<id>?doc= (application/merge-patch+json; If-Match)     PipelineView, ETag
import { type Static, Type } from '@sinclair/typebox';
import { DroppedComments, ManifestDiff } from './apply.ts';
import { ConfigIssue } from './config.ts';
import { DocId, DocVersion } from './names.ts';
import { RevisionLabel } from './revision.ts';
import { Scope } from './scope.ts';

export const FOLDER_FILES_LIMIT = 5_000;
/** Of all texts together. A body has 8 MiB, and JSON makes text longer. */
export const FOLDER_BYTES_LIMIT = 6 * 1024 * 1024;
/** Folders that a document remembers; of more, the one that was longest unused is forgotten. */
export const FOLDERS_LIMIT = 50;
/** Conflicts and lines in one answer. */
export const MERGE_LIST_LIMIT = 1_000;
export const MERGE_PATCH_TYPE = 'application/merge-patch+json';

const FolderFile = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 500, description: 'path in the folder; `.json` is JSON' }),
    text: Type.String(),
  },
  { additionalProperties: false },
);
export type FolderFile = Static<typeof FolderFile>;
const FolderFiles = Type.Array(FolderFile, { maxItems: FOLDER_FILES_LIMIT });

export const FolderName = Type.String({
  pattern: '^[A-Za-z0-9][A-Za-z0-9._/-]{0,99}$',
  description: 'what the server remembers the last files of this folder under',
});

export const MergeBody = Type.Object(
  {
    doc: Type.Optional(DocId),
    folder: FolderName,
    files: FolderFiles,
    base: Type.Optional(
      Type.Union(
        [
          Type.Object({ revision: RevisionLabel }, { additionalProperties: false }),
          Type.Object({ files: FolderFiles }, { additionalProperties: false }),
        ],
        { description: 'what the folder had last; without, what the server remembers of it' },
      ),
    ),
    dryRun: Type.Optional(Type.Boolean()),
    withDrafts: Type.Optional(
      Type.Boolean({ description: '`scope` also takes pipelines of the folder that differ by drafts alone' }),
    ),
  },
  { additionalProperties: false },
);
export type MergeBody = Static<typeof MergeBody>;

/** What people drafted in what the folder has, and is not live. */
export const FolderDraft = Type.Object({
  path: Type.String({ description: 'of the pipeline or variable, by the name that people know' }),
  key: Type.String({ description: 'of a pipeline; of a variable its name' }),
  code: Type.Union([Type.Literal('folder.draft'), Type.Literal('folder.draft_deleted')]),
  fields: Type.Array(Type.String({ description: 'JSON pointer' })),
  applied: Type.Boolean({ description: 'an Apply of `scope` takes it, too' }),
});
export type FolderDraft = Static<typeof FolderDraft>;

/** Where the files say something else than the document has. The document's stays until either changes. */
export const FolderDifference = Type.Object({
  path: Type.String({ description: 'of the pipeline or variable, by the name that people know' }),
  key: Type.String(),
  fields: Type.Array(Type.String({ description: 'JSON pointer' })),
});
export type FolderDifference = Static<typeof FolderDifference>;

export const MergeResult = Type.Object({
  doc: DocId,
  folder: FolderName,
  dryRun: Type.Boolean(),
  /** What it was merged over. `note`: the files that this folder had at `version` of the document. */
  base: Type.Object({
    kind: Type.Union([
      Type.Literal('note'),
      Type.Literal('revision'),
      Type.Literal('files'),
      Type.Literal('none'),
    ]),
    revision: Type.Optional(
      Type.String({
        description: 'label; of a note, what its files went live with, else what was live then',
      }),
    ),
    version: Type.Optional(DocVersion),
    at: Type.Optional(Type.String()),
  }),
  /** From the document as it was to the document as the merge leaves it. */
  diff: ManifestDiff,
  /** Still in the files, deleted from the document by somebody: they stay deleted. */
  gone: Type.Array(Type.String()),
  /** What an Apply of `scope` would warn of. */
  warnings: Type.Array(ConfigIssue),
  comments: Type.Array(DroppedComments),
  /** Of the document afterwards: what an Apply names. */
  version: DocVersion,
  drafts: Type.Array(FolderDraft),
  /** All of them, the drafted too: what is not in `drafts` is live as the document has it. */
  differs: Type.Optional(Type.Array(FolderDifference)),
  /** Where the files say what is not live; absent when all that they say is. */
  scope: Type.Optional(Scope),
});
export type MergeResult = Static<typeof MergeResult>;
