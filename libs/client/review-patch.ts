// A patch to review, as it is stored and shown: work that the server can no longer merge by itself, field by field.
import { type Static, Type } from '@sinclair/typebox';

export const ReviewChange = Type.Object({
  root: Type.Union([Type.Literal('pipelines'), Type.Literal('variables')]),
  key: Type.String(),
  /** What people call it. */
  name: Type.String(),
  /** Inside the entity; empty when it was made or deleted here. */
  path: Type.Array(Type.String()),
  /** Absent: it was not there. */
  before: Type.Optional(Type.Unknown()),
  /** Absent: it was deleted here. */
  mine: Type.Optional(Type.Unknown()),
  /** Somebody else did it, and has not sent it to the server: it comes again when they do. */
  isOthers: Type.Optional(Type.Boolean()),
});
export type ReviewChange = Static<typeof ReviewChange>;

export const ReviewPatch = Type.Array(ReviewChange);
export type ReviewPatch = Static<typeof ReviewPatch>;
