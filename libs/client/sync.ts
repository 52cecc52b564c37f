// A live document: a Loro replica that stays in step with the server over the unmodified loro-websocket client, whatever the
// connection does, and the presence of everybody in it.
import { versionOf } from '@hakiri/config-doc/version';
import { type DocId, type DocVersion, roomOf, type TeamId } from '@hakiri/contracts/names';
import { EphemeralStore, LoroDoc } from 'loro-crdt';
import { Unreachable } from './errors.ts';
import type { TokenSource } from './http.ts';
import { JoinRefused, openRoom, type Room } from './sync-room.ts';
import { createTally, type Joined, type SyncStatus } from './sync-tally.ts';
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
export async function connectDocument({
  client,
  team,
  doc: name,
}: DocumentOptions): Promise<DocumentConnection> {
  const doc = new LoroDoc();
  const presence = new EphemeralStore(PRESENCE_TTL_MS);
  const ownPresence = new Set<string>();
  presence.subscribe(({ by, added, updated, removed }) => {
    if (by === 'import') return;
    for (const key of [...added, ...updated]) if (by === 'local') ownPresence.add(key);
    for (const key of removed) ownPresence.delete(key);
  });
  // The store's own sweep ends with the first room that it was in.
  const sweep = setInterval(() => presence.inner.removeOutdated(), PRESENCE_TTL_MS / 2);
  const tally = createTally();
  const closing = new AbortController();
  const unsubscribe = doc.subscribeLocalUpdates(() => tally.edited());

  const enter = (): Promise<Room> =>
    openRoom({
      url: socketUrl(client.url),
      tokens: client.tokens,
      room: roomOf(team, name),
      doc,
      presence,
      ownPresence,
      tally,
      onEnd: () => void comeBack(),
    });

  async function enterWithFreshToken(): Promise<Room> {
    const token = await client.tokens.token();
    try {
      return await enter();
    } catch (error) {
      if (!(error instanceof JoinRefused) || error.code !== 'token_expired' || token === undefined)
        throw error;
      if ((await client.tokens.renew(token)) === undefined) throw error;
      return enter();
    }
  }

  /** The stock client reconnects by itself; this is for when it has given up or was put out of the room. */
  async function comeBack(): Promise<void> {
    for (let attempt = 0; tally.status().kind === 'offline'; attempt++) {
      await pause(backoffMs(attempt), closing.signal);
      if (closing.signal.aborted) return;
      try {
        room = await enterWithFreshToken();
        if (closing.signal.aborted) room.leave();
        return;
      } catch (error) {
        if (error instanceof JoinRefused && error.code !== 'unavailable') tally.refused(error.code);
        else if (!(error instanceof JoinRefused || error instanceof Unreachable)) tally.refused('internal');
      }
    }
  }

  function close(): void {
    closing.abort();
    unsubscribe();
    room?.leave();
    clearInterval(sweep);
    presence.destroy();
    tally.close();
  }

  let room: Room | undefined;
  try {
    room = await enterWithFreshToken();
  } catch (error) {
    close();
    throw error;
  }
  const { joined } = room;
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
