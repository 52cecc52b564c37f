// Presence as it lives across the rooms that a connection goes through: what is said here is said again in the next one.
import { EphemeralStore } from 'loro-crdt';

/** What is not set again within this time is forgotten, here and on the server. */
export const PRESENCE_TTL_MS = 60_000;

export function createPresenceStore() {
  const presence = new EphemeralStore(PRESENCE_TTL_MS);
  const own = new Set<string>();
  presence.subscribe(({ by, added, updated, removed }) => {
    if (by === 'import') return;
    for (const key of [...added, ...updated]) if (by === 'local') own.add(key);
    for (const key of removed) own.delete(key);
  });
  // The store's own sweep ends with the first room that it was in.
  const sweep = setInterval(() => presence.inner.removeOutdated(), PRESENCE_TTL_MS / 2);
  const end = (): void => {
    clearInterval(sweep);
    presence.destroy();
  };
  return { presence, own, end };
}
