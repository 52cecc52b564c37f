// What stands in the free bytes of a join: the client says as which device it comes and what it speaks, the server which
// ranges it speaks, as whom it took the caller, and which peer ids the caller may write under.
import { type Static, Type } from '@sinclair/typebox';

/** Lowest and highest, both included. */
export const VersionRange = Type.Tuple([Type.Integer({ minimum: 0 }), Type.Integer({ minimum: 0 })]);
export type VersionRange = Static<typeof VersionRange>;

/** `loro`: the encoding of updates. `schema`: the shape of the document, `meta.schemaVersion`. */
export const Speaks = Type.Object({ protocol: VersionRange, loro: VersionRange, schema: VersionRange });
export type Speaks = Static<typeof Speaks>;

export const PROTOCOL_RANGE: VersionRange = [1, 1];
export const LORO_RANGE: VersionRange = [1, 1];

/** A browser profile or an installation: peer ids are leased to a user on a device, and come back to it. */
export const DeviceId = Type.String({ pattern: '^[A-Za-z0-9_-]{8,64}$' });

/** A Loro peer id in decimal digits. */
export const PeerId = Type.String({ pattern: '^[0-9]{1,20}$' });

/**
 * The join payload of a client of ours, as JSON. A stock client sends the bare token: it is leased the peer id that it first
 * writes under, and is taken to speak whatever is current.
 */
export const JoinPayload = Type.Object({
  token: Type.String(),
  device: Type.Optional(DeviceId),
  speaks: Type.Optional(Speaks),
});
export type JoinPayload = Static<typeof JoinPayload>;

/** JoinOk's `extra`, as JSON. `peers`: leased to the caller's device and free; a few ahead, for work offline. */
export const JoinExtra = Type.Object({
  server: Type.String(),
  protocol: VersionRange,
  loro: VersionRange,
  schema: VersionRange,
  user: Type.String(),
  peers: Type.Array(PeerId),
});
export type JoinExtra = Static<typeof JoinExtra>;

/** JoinError and RoomError messages are stable codes. Beside problem codes, a client of a document has to know these. */
export const UPDATE_REQUIRED = 'update_required';
/** What the caller holds is older than the history kept here: hand in unsent work by POST …/rescue, then load anew. */
export const HISTORY_COMPACTED = 'history_compacted';
