// What is kept of a team's documents beside their content: titles, who made them, which are archived, and which pipelines were
// moved from one to another. Pure: what a change makes of it, or why not.
import { unreachable } from '@hakiri/base/assert';
import { compareVersions, decodeVersion } from '@hakiri/config-doc/version';
import type { AppliedData } from '@hakiri/contracts/apply';
import { DEFAULT_DOC, DocId, DocVersion } from '@hakiri/contracts/names';
import type { ProblemCode } from '@hakiri/contracts/problem';
import { DocumentInfo, type OutlineReply } from '@hakiri/contracts/sync';
import { type Static, Type } from '@sinclair/typebox';

/**
 * The move of a group. `open` from before its first write until nothing of it is left in `from`; then `done` until an Apply of
 * `to` took it live. `copies`: by key, digests of what was, or is about to be, written to `to`.
 */
const Move = Type.Union([
  Type.Object({
    state: Type.Literal('open'),
    from: DocId,
    to: DocId,
    group: Type.String(),
    copies: Type.Record(Type.String(), Type.Array(Type.String())),
    /** Id of the user who asked first: in whose name it is finished after a crash. */
    by: Type.String(),
  }),
  Type.Object({
    state: Type.Literal('done'),
    from: DocId,
    to: DocId,
    group: Type.String(),
    pipelines: Type.Array(Type.String()),
    /** Of `to`, with all of them in it. */
    version: DocVersion,
  }),
]);
type Move = Static<typeof Move>;
export type OpenMove = Extract<Move, { state: 'open' }>;

const Entry = Type.Omit(DocumentInfo, ['doc', 'title']);
export const Registry = Type.Object({
  format: Type.Literal(1),
  documents: Type.Record(
    DocId,
    Type.Composite([Entry, Type.Object({ title: Type.Optional(Type.String()) })]),
  ),
  moves: Type.Array(Move),
});
export type Registry = Static<typeof Registry>;

export const EMPTY_REGISTRY: Registry = { format: 1, documents: {}, moves: [] };

/** Of a team, in moves that are open or wait for an Apply. Their keys travel in one reply over the bus. */
export const MOVED_LIMIT = 8_000;
export const MOVES_LIMIT = 200;

export type Refusal = { kind: 'refused'; code: ProblemCode; detail: string };
export type Change = { kind: 'changed'; registry: Registry } | { kind: 'same' } | Refusal;

/** `names`: the documents that there are, whether the registry knows them or not; each has its name as title until it gets one. */
export function listDocuments(
  registry: Registry,
  names: readonly string[],
  options: { archived: boolean },
): DocumentInfo[] {
  return names
    .map((doc) => infoOf(registry, doc))
    .filter(({ archivedAt }) => options.archived || archivedAt === undefined);
}

export function infoOf(registry: Registry, doc: string): DocumentInfo {
  const { title = doc, ...entry } = entryOf(registry, doc);
  return { doc, title, ...entry };
}

export function isArchived(registry: Registry, doc: string): boolean {
  return entryOf(registry, doc).archivedAt !== undefined;
}

export function noteCreated(
  registry: Registry,
  doc: string,
  entry: { title: string | undefined; createdAt: string; createdBy: string },
): Change {
  const { title, createdAt, createdBy } = entry;
  return withEntry(registry, doc, { ...(title === undefined ? {} : { title }), createdAt, createdBy });
}

export function rename(registry: Registry, doc: string, title: string): Change {
  if (infoOf(registry, doc).title === title) return { kind: 'same' };
  return withEntry(registry, doc, { ...entryOf(registry, doc), title });
}

/** `at` is an ISO time; undefined brings the document back. */
export function setArchived(registry: Registry, doc: string, at: string | undefined): Change {
  if (doc === DEFAULT_DOC && at !== undefined)
    return refuse('conflict', `${DEFAULT_DOC} cannot be archived: it is the document that every team has.`);
  if ((at !== undefined) === isArchived(registry, doc)) return { kind: 'same' };
  const busy = registry.moves.find(({ state, from, to }) => state === 'open' && (from === doc || to === doc));
  if (at !== undefined && busy !== undefined)
    return refuse('conflict', `${describe(busy)} is under way: finish it first, by asking for it again.`);
  const { archivedAt: _, ...entry } = entryOf(registry, doc);
  return withEntry(registry, doc, at === undefined ? entry : { ...entry, archivedAt: at });
}

type Route = { from: string; to: string; group: string };

export function openMoveOf(registry: Registry, route: Route): OpenMove | undefined {
  return registry.moves.find((move): move is OpenMove => move.state === 'open' && isSameRoute(move, route));
}

export function openMoves({ moves }: Registry): OpenMove[] {
  return moves.filter((move): move is OpenMove => move.state === 'open');
}

/** Whether the same move ended before and no Apply has taken it live yet. */
export function wasMoved(registry: Registry, route: Route): boolean {
  return registry.moves.some((move) => move.state === 'done' && isSameRoute(move, route));
}

/** Before anything is written: what is about to be written to `to`. */
export function planCopies(
  registry: Registry,
  route: Route,
  digests: ReadonlyMap<string, string>,
  by: string,
): Change {
  const rival = registry.moves.find(
    (move) =>
      move.state === 'open' &&
      !isSameRoute(move, route) &&
      ((move.from === route.from && overlaps(move.group, route.group)) || move.to === route.from),
  );
  if (rival !== undefined)
    return refuse('conflict', `${describe(rival)} is under way: finish it first, by asking for it again.`);
  const before = openMoveOf(registry, route);
  // A key is whatever a client wrote, `__proto__` too: only a map takes them all.
  const copies = new Map(Object.entries(before?.copies ?? {}));
  for (const [key, digest] of digests) {
    const known = copies.get(key) ?? [];
    if (!known.includes(digest)) copies.set(key, [...known, digest]);
  }
  const move: OpenMove = {
    state: 'open',
    ...route,
    copies: Object.fromEntries(copies),
    by: before?.by ?? by,
  };
  const others = registry.moves.filter((one) => one !== before);
  const moved = others.reduce((sum, one) => sum + keysOf(one).length, copies.size);
  if (moved > MOVED_LIMIT || others.length >= MOVES_LIMIT) return refuse('conflict', tooMany(others, moved));
  return { kind: 'changed', registry: { ...registry, moves: [...others, move] } };
}

/** Nothing of it is left in `from`; `version` is that of `to`. An older move that took its pipelines out of `to` is over. */
export function endMove(registry: Registry, route: Route, version: string): Change {
  const move = openMoveOf(registry, route);
  if (move === undefined) return { kind: 'same' };
  const pipelines = keysOf(move);
  const arrived = new Set(pipelines);
  const others = registry.moves.flatMap((one): Move[] => {
    if (one === move) return [];
    if (one.state === 'open' || one.from !== route.to) return [one];
    const left = one.pipelines.filter((key) => !arrived.has(key));
    return left.length === 0 ? [] : [{ ...one, pipelines: left }];
  });
  const done: Move = { state: 'done', ...route, pipelines, version };
  return { kind: 'changed', registry: { ...registry, moves: [...others, done] } };
}

/** What an Apply of `doc` must not take out of the manifest, for OutlineReply. */
export function movedFrom(registry: Registry, doc: string): NonNullable<OutlineReply['moved']> {
  return registry.moves
    .filter(({ from }) => from === doc)
    .map((move) => ({ to: move.to, pipelines: keysOf(move) }));
}

/** An Apply of all of `to` took its moves live. One that was passed on to a third document meanwhile waits for that one. */
export function noteApplied(registry: Registry, { doc, revision }: AppliedData): Change {
  if (revision.scope.kind !== 'all') return { kind: 'same' };
  const applied = decodeVersion(revision.version);
  if (applied === undefined) return { kind: 'same' };
  const passedOn = new Set(registry.moves.filter(({ from }) => from === doc).flatMap(keysOf));
  const moves = registry.moves.filter((move) => {
    if (move.state === 'open' || move.to !== doc) return true;
    const version = decodeVersion(move.version);
    const order = version && compareVersions(applied, version);
    if (order !== 'equal' && order !== 'after') return true;
    return move.pipelines.some((key) => passedOn.has(key));
  });
  if (moves.length === registry.moves.length) return { kind: 'same' };
  return { kind: 'changed', registry: { ...registry, moves } };
}

function keysOf(move: Move): string[] {
  switch (move.state) {
    case 'open':
      return Object.keys(move.copies);
    case 'done':
      return move.pipelines;
    default:
      return unreachable(move);
  }
}

function overlaps(a: string, b: string): boolean {
  return a === b || a.startsWith(`${b}/`) || b.startsWith(`${a}/`);
}

function isSameRoute(a: Route, b: Route): boolean {
  return a.from === b.from && a.to === b.to && a.group === b.group;
}

function describe({ from, to, group }: Route): string {
  return `The move of ${group} from ${from} to ${to}`;
}

function tooMany(others: readonly Move[], moved: number): string {
  const waiting = [...new Set(others.map(({ to }) => to))].sort().join(', ');
  const hint =
    waiting === '' ? 'move a smaller group' : `apply all of ${waiting} first, or move a smaller group`;
  return `${moved} moved pipelines would wait for an Apply, and ${MOVED_LIMIT} may: ${hint}.`;
}

/** `constructor` is a name that a document may have. */
function entryOf({ documents }: Registry, doc: string): Registry['documents'][string] {
  return (Object.hasOwn(documents, doc) ? documents[doc] : undefined) ?? {};
}

function withEntry(registry: Registry, doc: string, entry: Registry['documents'][string]): Change {
  return { kind: 'changed', registry: { ...registry, documents: { ...registry.documents, [doc]: entry } } };
}

function refuse(code: ProblemCode, detail: string): Refusal {
  return { kind: 'refused', code, detail };
}
