// A frame of the server with what its updates say of themselves. A broadcast is many times the same frame, which is read once.
import { CrdtType, decode, MessageType, type ProtocolMessage } from 'loro-protocol';
import { type Header, readHeader } from '../host/update-header.ts';

export type SaidFrame = {
  message: ProtocolMessage;
  news: { header: Header | undefined; hash: string }[];
};

export class LastFrame {
  #last: { bytes: Uint8Array; frame: SaidFrame } | undefined;

  of(data: Uint8Array): SaidFrame {
    if (this.#last === undefined || Buffer.compare(this.#last.bytes, data) !== 0) {
      const bytes = data.slice();
      this.#last = { bytes, frame: readFrame(bytes) };
    }
    return this.#last.frame;
  }
}

export function hashOf(update: Uint8Array): string {
  return `${Bun.hash(update)}`;
}

function readFrame(bytes: Uint8Array): SaidFrame {
  const message = decode(bytes);
  const updates =
    message.type === MessageType.DocUpdate && message.crdt === CrdtType.Loro ? message.updates : [];
  return { message, news: updates.map((update) => ({ header: readHeader(update), hash: hashOf(update) })) };
}
