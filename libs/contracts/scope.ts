// Which part of a document (and of the last applied manifest) an Apply takes live. Pipelines by human id or key, groups by path
// with all below them.
import { type Static, Type } from '@sinclair/typebox';

/** As many pipelines, and as many groups, as one scope may name. */
export const SCOPE_NAMES_LIMIT = 1000;

const GroupPath = Type.String({ minLength: 1, maxLength: 500, description: 'path; those below it go along' });
const PipelineName = Type.String({ minLength: 1, maxLength: 100, description: 'human id or key' });

export const Scope = Type.Union(
  [
    Type.Object({ kind: Type.Literal('all') }, { additionalProperties: false }),
    Type.Object({ kind: Type.Literal('group'), group: GroupPath }, { additionalProperties: false }),
    Type.Object(
      {
        kind: Type.Literal('pipelines'),
        pipelines: Type.Array(PipelineName, { minItems: 1, maxItems: SCOPE_NAMES_LIMIT }),
      },
      { additionalProperties: false },
    ),
    /** Several of both at once: what any of them takes. */
    Type.Object(
      {
        kind: Type.Literal('selection'),
        groups: Type.Array(GroupPath, { minItems: 1, maxItems: SCOPE_NAMES_LIMIT }),
        pipelines: Type.Array(PipelineName, { maxItems: SCOPE_NAMES_LIMIT }),
      },
      { additionalProperties: false },
    ),
  ],
  {
    description:
      'one of {"kind":"all"}, {"kind":"group","group":"finance/daily"}, {"kind":"pipelines","pipelines":["orders"]} and {"kind":"selection","groups":["finance"],"pipelines":["orders"]}',
  },
);
export type Scope = Static<typeof Scope>;
