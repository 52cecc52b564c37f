// A fresh client gets a whole document: what it is sent, put together from frames and fragments, as bytes to import.
import { decode, MessageType } from 'loro-protocol';
import { frameOf, RawSocket } from './socket.ts';
import type { Subject } from './subject.ts';
import { hocuspocusStep1, hocuspocusStep2 } from './wire.ts';

const LIMIT_MS = 60_000;

/** The whole document, on a socket that stays open. @throws when it does not come. */
export async function catchUp(
  subject: Subject,
  doc: string,
): Promise<{ socket: RawSocket; bytes: Uint8Array }> {
  const wire = subject.wire();
  const room = subject.room(doc);
  const collect = subject.name === 'hocuspocus' ? hocuspocusStep2 : collectLoro();
  let arrived: (bytes: Uint8Array) => void = () => {};
  const whole = new Promise<Uint8Array>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${doc} did not come in time`)), LIMIT_MS);
    arrived = (bytes) => {
      clearTimeout(timer);
      resolve(bytes);
    };
  });
  let asked = false;
  const socket = await RawSocket.open(`${subject.url()}${wire.path(room)}`, (payload) => {
    if (!asked && wire.isWelcome(payload)) {
      asked = true;
      if (subject.name === 'hocuspocus') socket.send(frameOf(hocuspocusStep1(room)));
    }
    const bytes = collect(payload);
    if (bytes !== undefined) arrived(new Uint8Array(bytes));
  });
  for (const frame of wire.hello(room)) socket.send(frameOf(frame));
  const bytes = await whole;
  return { socket, bytes };
}

/** The first update that is whole: a server answers a join without a version by one snapshot. */
function collectLoro(): (payload: Buffer) => Uint8Array | undefined {
  const parts: Uint8Array[] = [];
  let missing = 0;
  return (payload) => {
    const message = decode(payload);
    if (message.type === MessageType.DocUpdate) return message.updates[0];
    if (message.type === MessageType.DocUpdateFragmentHeader) missing = message.fragmentCount;
    if (message.type !== MessageType.DocUpdateFragment) return undefined;
    parts[message.index] = new Uint8Array(message.fragment);
    missing -= 1;
    return missing === 0 ? Buffer.concat(parts) : undefined;
  };
}
