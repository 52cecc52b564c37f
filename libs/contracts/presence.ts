// What somebody's presence says, in the `%EPH` room of a document: one value for each window, under a key that begins with the
// user's id. Values of other shapes pass too; whatever is an object gets the server's fields.
import { type Static, Type } from '@sinclair/typebox';

/** In the text of `field`, in UTF-16 units; the same number twice is a caret. */
export const PresenceCursor = Type.Object({
  anchor: Type.Integer({ minimum: 0 }),
  head: Type.Integer({ minimum: 0 }),
});
export type PresenceCursor = Static<typeof PresenceCursor>;

/** What a client says of itself. */
export const PresenceSaid = Type.Object({
  pipeline: Type.Optional(Type.String({ maxLength: 100, description: 'its key; absent: nothing in hand' })),
  field: Type.Optional(Type.String({ maxLength: 100, description: 'such as schedule.expr' })),
  cursor: Type.Optional(PresenceCursor),
});
export type PresenceSaid = Static<typeof PresenceSaid>;

/** What the others hear. The first three are the server's, whatever the client said there. */
export const PresenceValue = Type.Composite([
  Type.Object({
    user: Type.String({ minLength: 1, maxLength: 100 }),
    name: Type.String({ minLength: 1, maxLength: 100 }),
    /** By the server's clock, in ms since 1970: when what is said last changed. Saying the same again is no activity. */
    activeAt: Type.Integer({ minimum: 0 }),
  }),
  PresenceSaid,
]);
export type PresenceValue = Static<typeof PresenceValue>;

/** Forgotten when not said again for this long; the server tells the others within a second of it. */
export const PRESENCE_TTL_MS = 60_000;
