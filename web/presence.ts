// Who is here and which field each has in hand. One's own entry is written again before it is forgotten; others' are read
// as they come, and shown only when they make sense.
import { randomId } from '@hakiri/base/random-id';
import { type DocumentConnection, PRESENCE_TTL_MS } from '@hakiri/client/sync';
import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';

const Entry = Type.Object({
  user: Type.String({ minLength: 1, maxLength: 100 }),
  name: Type.String({ minLength: 1, maxLength: 100 }),
  pipeline: Type.Optional(Type.String({ maxLength: 100 })),
  field: Type.Optional(Type.String({ maxLength: 100 })),
});
/** `pipeline` is a key; without one somebody is here and edits nothing. */
export type Person = Static<typeof Entry> & { id: string; self: boolean };

export type Presence = {
  people(): Person[];
  /** Undefined: nothing in hand. */
  focus(pipeline?: string, field?: string): void;
  onChange(handler: () => void): void;
  close(): void;
};

const REPEAT_MS = PRESENCE_TTL_MS / 3;

export function createPresence(
  connection: DocumentConnection,
  self: { user: string; name: string },
): Presence {
  const { presence: store } = connection;
  // One entry a tab; the server takes entries under one's own user id alone.
  const id = `${self.user}/${randomId()}`;
  const handlers = new Set<() => void>();
  let mine: Static<typeof Entry> = { ...self };

  const tell = (): void => store.set(id, { ...mine });
  const timer = setInterval(tell, REPEAT_MS);
  const unsubscribe = store.subscribe(() => {
    for (const handler of handlers) handler();
  });
  const leave = (): void => store.delete(id);
  window.addEventListener('pagehide', leave);
  tell();

  return {
    people: () =>
      Object.entries(store.getAllStates())
        .flatMap(([key, value]) =>
          Value.Check(Entry, value) ? [{ ...value, id: key, self: key === id }] : [],
        )
        .sort((a, b) => Number(b.self) - Number(a.self) || a.name.localeCompare(b.name)),
    focus(pipeline, field) {
      if (mine.pipeline === pipeline && mine.field === field) return;
      mine = { ...self, ...(pipeline ? { pipeline } : {}), ...(field ? { field } : {}) };
      tell();
    },
    onChange: (handler) => void handlers.add(handler),
    close() {
      clearInterval(timer);
      window.removeEventListener('pagehide', leave);
      leave();
      unsubscribe();
      handlers.clear();
    },
  };
}

/** Each user once, in however many windows they are. */
export function oncePerUser(people: readonly Person[]): Person[] {
  const seen = new Set<string>();
  return people.filter(({ user }) => !seen.has(user) && seen.add(user));
}

export function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  return words
    .slice(0, 2)
    .map((word) => [...word][0]?.toUpperCase() ?? '')
    .join('');
}

const COLOURS = 8;

/** Always the same colour for one person. */
export function colourOf(user: string): number {
  let sum = 0;
  for (const char of user) sum = (sum * 31 + char.charCodeAt(0)) % 65_521;
  return sum % COLOURS;
}
