// People in tests: the unmodified `loro-websocket` client with the stock adaptors, and an eye on its socket that counts
// which of its edits the server has acknowledged.
import { present } from '@hakiri/base/assert';
import { readOutline, readPipeline } from '@hakiri/config-doc/read';
import type { PipelineDraft } from '@hakiri/contracts/config';
import { hearReconnects } from '@hakiri/testing/reconnects';
import { LoroAdaptor, LoroEphemeralAdaptor } from 'loro-adaptors/loro';
import { EphemeralStore, LoroDoc } from 'loro-crdt';
import { CrdtType, decode, MessageType, UpdateStatusCode } from 'loro-protocol';
import { LoroWebsocketClient } from 'loro-websocket';

export type Person = {
  name: string;
  doc: LoroDoc;
  presence: EphemeralStore;
  /** Updates the document has produced, and how many of them the server has called durable. */
  produced(): number;
  acknowledged(): number;
  /** The server has put them out of the document's room. */
  expelled(): boolean;
  /** The close code of the first socket, once it is closed. */
  closedWith(): number | undefined;
  /** Everything produced so far is acknowledged. */
  settled(): Promise<void>;
  leave(): void;
};

export type Seat = { url: string; team: string; doc: string; token: string };

const PRESENCE_TTL_MS = 60_000;

export async function join(name: string, seat: Seat, doc = new LoroDoc()): Promise<Person> {
  const client = new LoroWebsocketClient({
    url: `${seat.url.replace(/^http/, 'ws')}/v1/sync`,
    reconnect: { initialDelayMs: 50, maxDelayMs: 500 },
  });
  let produced = 0;
  let acknowledged = 0;
  let expelled = false;
  let closedWith: number | undefined;
  let wake: () => void = () => {};
  hearReconnects(client);
  await client.waitConnected();
  client.socket.addEventListener('message', ({ data }) => {
    if (typeof data === 'string') return;
    const message = decode(new Uint8Array(data));
    if (message.crdt !== CrdtType.Loro) return;
    if (message.type === MessageType.RoomError) expelled = true;
    if (message.type === MessageType.Ack && message.status === UpdateStatusCode.Ok) acknowledged += 1;
    wake();
  });
  client.socket.addEventListener('close', ({ code }) => {
    closedWith = code;
  });
  const auth = new TextEncoder().encode(seat.token);
  const roomId = `${seat.team}/${seat.doc}`;
  const presence = new EphemeralStore(PRESENCE_TTL_MS);
  doc.subscribeLocalUpdates(() => {
    produced += 1;
  });
  const room = await client.join({ roomId, crdtAdaptor: new LoroAdaptor(doc), auth });
  await room.waitForReachingServerVersion();
  await client.join({ roomId, crdtAdaptor: new LoroEphemeralAdaptor(presence), auth });
  return {
    name,
    doc,
    presence,
    produced: () => produced,
    acknowledged: () => acknowledged,
    expelled: () => expelled,
    closedWith: () => closedWith,
    settled: async () => {
      // Woken by the acknowledgement itself: the bench times this.
      while (acknowledged < produced) {
        await within(
          `${name}'s edits are acknowledged`,
          new Promise<void>((resolve) => {
            wake = resolve;
          }),
        );
      }
    },
    leave: () => client.destroy(),
  };
}

/** Only what never happens takes as long, also on a busy machine; where a time is promised, the test says it. */
const PATIENCE_MS = 45_000;

async function within(what: string, event: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`waited ${PATIENCE_MS} ms in vain until ${what}`)),
      PATIENCE_MS,
    );
  });
  await Promise.race([event, timeout]).finally(() => clearTimeout(timer));
}

/** Waits for a condition, and says which one when it does not come. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  timeoutMs = PATIENCE_MS,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** By human id. @throws when the document has none. */
export function pipelineOf(doc: LoroDoc, id: string): PipelineDraft {
  const key = readOutline(doc).pipelines.find((pipeline) => pipeline.id === id)?.key;
  return present(
    key === undefined ? undefined : readPipeline(doc, key),
    `the document has the pipeline ${id}`,
  );
}
