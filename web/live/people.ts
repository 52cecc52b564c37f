// Who is here, and which field each has in hand. One's own entry is said again before it is forgotten; others' are taken as
// they come, and shown only when they make sense.
import { type DocumentConnection, PRESENCE_TTL_MS, type SyncStatus } from '@hakiri/client/sync';
import { type PresenceCursor, PresenceValue } from '@hakiri/contracts/presence';
import { Type } from '@sinclair/typebox';
import { Check } from '@sinclair/typebox/value';
import { createStore, createTopics, type Store } from './store.ts';

/** `pipeline` is a key; without one somebody is here and edits nothing. */
export type Person = {
  /** Of one window. */
  id: string;
  user: string;
  name: string;
  pipeline?: string | undefined;
  field?: string | undefined;
  cursor?: PresenceCursor | undefined;
};

/** Without a pipeline the field is one of a variable: `variables.<key>.value`. */
export type Focus = { pipeline?: string; field?: string; cursor?: PresenceCursor };

export type People = {
  /** The others, by name; each window of each. */
  others: Store<readonly Person[]>;
  /** Those of them in one pipeline; the same array until one comes or goes, or goes to another field. */
  inPipeline(key: string): readonly Person[];
  subscribe(key: string, listener: () => void): () => void;
  /** Undefined: nothing in hand. */
  focus(focus: Focus | undefined): void;
  close(): void;
};

const REPEAT_MS = PRESENCE_TTL_MS / 3;
const COLOURS = 8;
const UNREACHED: ReadonlySet<SyncStatus['kind']> = new Set([
  'offline',
  'refused',
  'update_required',
  'closed',
]);
const NOBODY: readonly Person[] = [];
/** What a window of ours says: the server adds who it is from. */
const Entry = Type.Composite([
  Type.Partial(Type.Pick(PresenceValue, ['activeAt'])),
  Type.Omit(PresenceValue, ['activeAt']),
]);

export function watchPeople(
  connection: DocumentConnection,
  self: { user: string; name: string },
  windowId: string,
): People {
  const { presence } = connection;
  // One entry a window; the server takes entries under one's own user id alone.
  const mine = `${self.user}/${windowId}`;
  let said: typeof self & Partial<Focus> = { ...self };
  const others = createStore<readonly Person[]>([]);
  const topics = createTopics();
  let byPipeline = new Map<string, readonly Person[]>();

  let isReached = !UNREACHED.has(connection.status().kind);

  const tell = (): void => presence.set(mine, { ...said });
  const read = (): void => {
    // Without the server nobody knows who is here.
    const here = Object.entries(isReached ? presence.getAllStates() : {})
      .flatMap(([id, value]) => (id !== mine && Check(Entry, value) ? [{ ...value, id }] : []))
      .sort((a, b) => a.name.localeCompare(b.name) || (a.id < b.id ? -1 : 1));
    const before = byPipeline;
    byPipeline = new Map();
    for (const [key, people] of Map.groupBy(here, ({ pipeline }) => pipeline ?? '')) {
      const known = before.get(key);
      byPipeline.set(key, known && isSame(known, people) ? known : people);
    }
    // One's own caret is news of nobody else.
    if (JSON.stringify(here) !== JSON.stringify(others.get())) others.set(here);
    for (const key of new Set([...before.keys(), ...byPipeline.keys()]))
      if (before.get(key) !== byPipeline.get(key)) topics.tell(key);
  };
  const timer = setInterval(tell, REPEAT_MS);
  const unsubscribe = presence.subscribe(read);
  const stop = connection.onStatus(({ kind }) => {
    if (isReached === !UNREACHED.has(kind)) return;
    isReached = !isReached;
    read();
  });
  const leave = (): void => presence.delete(mine);
  window.addEventListener('pagehide', leave);
  window.addEventListener('pageshow', tell);
  tell();
  read();

  return {
    others,
    inPipeline: (key) => byPipeline.get(key) ?? NOBODY,
    subscribe: topics.subscribe,
    focus(focus) {
      const next = { ...self, ...focus };
      if (JSON.stringify(next) === JSON.stringify(said)) return;
      said = next;
      tell();
    },
    close() {
      clearInterval(timer);
      window.removeEventListener('pagehide', leave);
      window.removeEventListener('pageshow', tell);
      leave();
      stop();
      unsubscribe();
    },
  };
}

/** Cursors move at every key: only who and in which field counts here. */
function isSame(a: readonly Person[], b: readonly Person[]): boolean {
  const named = ({ id, name, field }: Person): string => `${id} ${name} ${field}`;
  return a.length === b.length && a.every((person, index) => named(person) === named(b[index] ?? person));
}

/** Each user once, in however many windows they are. */
export function oncePerUser(people: readonly Person[]): Person[] {
  const seen = new Set<string>();
  return people.filter(({ user }) => !seen.has(user) && seen.add(user));
}

/** Of letters and digits alone: a bracket or a sign names nobody. */
export function initials(name: string): string {
  const firsts = name.split(/\s+/).flatMap((word) => word.match(/[\p{L}\p{N}]/u) ?? []);
  return firsts.slice(0, 2).join('').toUpperCase() || '?';
}

/** One of the eight colours, for as long as the page is open: that of the id, or where somebody has it the next that is free. */
export function createColours(): (user: string) => number {
  const given = new Map<string, number>();
  const taken = new Set<number>();
  return (user) => {
    const known = given.get(user);
    if (known !== undefined) return known;
    let sum = 0;
    for (const char of user) sum = (sum * 31 + char.charCodeAt(0)) % 65_521;
    const wheel = Array.from({ length: COLOURS }, (_, step) => (sum + step) % COLOURS);
    const colour = wheel.find((one) => !taken.has(one)) ?? sum % COLOURS;
    taken.add(colour);
    given.set(user, colour);
    return colour;
  };
}

export const colourOf = createColours();
