// What was touched, as a base keeps it. Peers are written once, as most of a team's work is of few of them.
import { type Static, Type } from '@sinclair/typebox';
import type { PeerID } from 'loro-crdt';
import { LoroPeer } from '../document/record.ts';
import type { Entry } from './touched-entries.ts';

/** A key, and the operations that touched it: places among the peers, each with its counter. */
const TouchedRow = Type.Object({
  key: Type.String(),
  cosmetic: Type.Optional(Type.Literal(true)),
  by: Type.Array(Type.Integer()),
});
type TouchedRow = Static<typeof TouchedRow>;

export const TouchedNote = Type.Object({
  peers: Type.Array(LoroPeer),
  pipelines: Type.Array(TouchedRow),
  variables: Type.Array(TouchedRow),
  groups: Type.Array(TouchedRow),
  transforms: Type.Array(TouchedRow),
  /** Nobody knows what was touched up to there. */
  whole: Type.Optional(Type.Array(Type.Integer())),
});
export type TouchedNote = Static<typeof TouchedNote>;

export type HeldTouched = {
  pipelines: ReadonlyMap<string, Entry>;
  variables: ReadonlyMap<string, Entry>;
  groups: ReadonlyMap<string, Entry>;
  transforms: ReadonlyMap<string, Entry>;
  whole: Entry | undefined;
};

export function encodeTouched({ pipelines, variables, groups, transforms, whole }: HeldTouched): TouchedNote {
  const places = new Map<PeerID, number>();
  const by = ({ stamps }: Entry): number[] =>
    [...stamps].flatMap(([peer, end]) => {
      const place = places.get(peer) ?? places.size;
      places.set(peer, place);
      return [place, end];
    });
  const rows = (entries: ReadonlyMap<string, Entry>): TouchedRow[] =>
    [...entries].map(([key, entry]) => ({
      key,
      ...(entry.isCosmetic ? { cosmetic: true as const } : {}),
      by: by(entry),
    }));
  const note = {
    pipelines: rows(pipelines),
    variables: rows(variables),
    groups: rows(groups),
    transforms: rows(transforms),
    ...(whole === undefined ? {} : { whole: by(whole) }),
  };
  return { peers: [...places.keys()], ...note };
}

export function decodeTouched({ peers, whole, ...note }: TouchedNote): HeldTouched {
  const stamps = (by: readonly number[]): Map<PeerID, number> => {
    const held = new Map<PeerID, number>();
    for (let at = 0; at + 1 < by.length; at += 2) {
      const peer = peers[by[at] ?? -1];
      if (peer !== undefined) held.set(peer, by[at + 1] ?? 0);
    }
    return held;
  };
  const entries = (rows: readonly TouchedRow[]): Map<string, Entry> =>
    new Map(
      rows.map(({ key, cosmetic = false, by }) => [
        key,
        { stamps: stamps(by), isCosmetic: cosmetic, settledAt: undefined },
      ]),
    );
  return {
    pipelines: entries(note.pipelines),
    variables: entries(note.variables),
    groups: entries(note.groups),
    transforms: entries(note.transforms),
    whole: whole && { stamps: stamps(whole), isCosmetic: true, settledAt: undefined },
  };
}
