// A live document: a Loro replica that stays in step with the server over the unmodified loro-websocket client, whatever the
// connection does, and the presence of everybody in it.
import { versionOf } from '@hakiri/config-doc/version';
import { type DocId, type DocVersion, roomOf, type TeamId } from '@hakiri/contracts/names';
import { EphemeralStore, LoroDoc } from 'loro-crdt';
import { ApiProblem, Unreachable } from './errors.ts';
import type { TokenSource } from './http.ts';
import { JoinRefused, openRoom, type Room, type RoomOptions } from './sync-room.ts';
import { createTally, type Joined, type SyncStatus, type Tally } from './sync-tally.ts';
import { backoffMs, pause } from './wait.ts';

export { JoinRefused } from './sync-room.ts';
export type { Joined, SyncStatus } from './sync-tally.ts';

/** What is not set again within this time is forgotten, here and on the server. */
export const PRESENCE_TTL_MS = 60_000;

export type DocumentConnection = {
  readonly doc: LoroDoc;
  readonly presence: EphemeralStore;
  readonly joined: Joined;
  status(): SyncStatus;
  /** Called at once and at every change. Returns how to stop it. */
  onStatus(listener: (status: SyncStatus) => void): () => void;
  /** Names the state of the document as it is here now: what an Apply may ask for. */
  version(): DocVersion;
  /** Resolves when everything typed here is acknowledged. @throws JoinRefused when that will not happen any more. */
  saved(): Promise<void>;
  close(): void;
};

export type DocumentOptions = {
  client: { url: string; tokens: TokenSource };
  team: TeamId;
  doc: DocId;
};

/** Resolves when the document is here, at the server's version. @throws JoinRefused, Unreachable */
export async function connectDocument(options: DocumentOptions): Promise<DocumentConnection> {
  const doc = new LoroDoc();
  const { presence, own, end: endPresence } = createPresenceStore();
  const tally = createTally();
  const unsubscribe = doc.subscribeLocalUpdates(() => tally.edited());
  const { url, tokens } = options.client;
  const stay = stayInRoom(
    {
      url: socketUrl(url),
      tokens,
      room: roomOf(options.team, options.doc),
      doc,
      presence,
      ownPresence: own,
      tally,
    },
    tally,
  );
  const close = (): void => {
    stay.leave();
    unsubscribe();
    endPresence();
    tally.close();
  };
  try {
    const joined = await stay.enter();
    return {
      doc,
      presence,
      joined,
      status: tally.status,
      onStatus: tally.onStatus,
      version() {
        doc.commit();
        return versionOf(doc);
      },
      saved: () => untilSaved(tally.onStatus),
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

/** Enters the room, and enters again when the stock client, which reconnects by itself, has given up or was put out. */
function stayInRoom(options: Omit<RoomOptions, 'onEnd'>, tally: Tally) {
  const { tokens } = options;
  const leaving = new AbortController();
  let room: Room | undefined;

  async function enter(): Promise<Joined> {
    const token = await tokens.token();
    const attempt = (): Promise<Room> => openRoom({ ...options, onEnd: () => void comeBack() });
    try {
      room = await attempt();
    } catch (error) {
      const expired = error instanceof JoinRefused && error.code === 'token_expired' && token !== undefined;
      if (!expired || (await tokens.renew(token)) === undefined) throw error;
      room = await attempt();
    }
    if (leaving.signal.aborted) room.leave();
    return room.joined;
  }

  async function comeBack(): Promise<void> {
    for (let attempt = 0; tally.status().kind === 'offline'; attempt++) {
      await pause(backoffMs(attempt), leaving.signal);
      if (leaving.signal.aborted) return;
      try {
        await enter();
        return;
      } catch (error) {
        if (error instanceof JoinRefused && error.code !== 'unavailable') tally.refused(error.code);
        else if (!isPassing(error)) tally.refused('internal');
      }
    }
  }

  return {
    enter,
    leave(): void {
      leaving.abort();
      room?.leave();
    },
  };
}

/** Worth another attempt: nobody answered, or the one who renews tokens is away. */
function isPassing(error: unknown): boolean {
  if (error instanceof JoinRefused || error instanceof Unreachable) return true;
  return error instanceof ApiProblem && (error.problem.status >= 500 || error.problem.status === 429);
}

function createPresenceStore() {
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

function untilSaved(onStatus: DocumentConnection['onStatus']): Promise<void> {
  return new Promise((resolve, reject) => {
    let stop: (() => void) | undefined;
    const settle = (act: () => void): void => {
      act();
      queueMicrotask(() => stop?.());
    };
    stop = onStatus((status) => {
      if (status.kind === 'saved') settle(resolve);
      else if (status.kind === 'refused') settle(() => reject(new JoinRefused(status.code)));
      else if (status.kind === 'closed') settle(() => reject(new JoinRefused('closed')));
    });
  });
}

function socketUrl(url: string): string {
  return `${url.replace(/^http/, 'ws')}/v1/sync`;
}
