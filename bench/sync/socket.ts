// A WebSocket client that costs the load generator next to nothing: whole frames as they stand in what the kernel gave, no
// event objects, no copies. What a server can do is only seen when whoever asks it can do more.
import { randomBytes } from 'node:crypto';
import type { Socket } from 'bun';

export type FrameHandler = (payload: Buffer, atMs: number) => void;

const CONTINUATION = 0;
const TEXT = 1;
const BINARY = 2;
const CLOSE = 8;
const PING = 9;
const PONG = 10;
const FIN = 0x80;
const MASKED = 0x80;
const HANDSHAKE_LIMIT_MS = 20_000;
const EMPTY = Buffer.alloc(0);

export class RawSocket {
  onFrame: FrameHandler;
  onClosed: () => void = () => {};
  closed = false;
  #socket: Socket<undefined> | undefined;
  #upgraded = false;
  #rest: Buffer = EMPTY;
  #unsent: Buffer[] = [];

  private constructor(onFrame: FrameHandler) {
    this.onFrame = onFrame;
  }

  /** `url` with `http:`. @throws when the server does not upgrade. */
  static async open(url: string, onFrame: FrameHandler): Promise<RawSocket> {
    const raw = new RawSocket(onFrame);
    const { hostname, port, pathname, search, host } = new URL(url);
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no upgrade at ${url}`)), HANDSHAKE_LIMIT_MS);
      const ended = (): void => {
        raw.closed = true;
        raw.onClosed();
        reject(new Error(`the socket to ${url} was closed`));
      };
      Bun.connect({
        hostname,
        port: Number(port),
        socket: {
          open: (socket) => {
            raw.#socket = socket;
            socket.setNoDelay(true);
            const key = randomBytes(16).toString('base64');
            socket.write(
              `GET ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
                `Sec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
            );
          },
          data: (_, chunk) => {
            if (raw.#upgraded) raw.#take(chunk);
            else if (raw.#handshake(chunk)) {
              clearTimeout(timer);
              resolve();
            }
          },
          drain: () => raw.#flush(),
          close: ended,
          error: ended,
        },
      }).catch(reject);
    });
    return raw;
  }

  /** A frame made by `frameOf`. */
  send(frame: Buffer): void {
    if (this.#unsent.length > 0) {
      this.#unsent.push(frame);
      return;
    }
    const written = Math.max(0, this.#socket?.write(frame) ?? 0);
    if (written < frame.length) this.#unsent.push(frame.subarray(written));
  }

  end(): void {
    this.onClosed = () => {};
    this.#socket?.terminate();
  }

  #flush(): void {
    const waiting = this.#unsent.splice(0);
    for (const frame of waiting) this.send(frame);
  }

  #handshake(chunk: Buffer): boolean {
    const heard = this.#rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#rest, chunk]);
    const end = heard.indexOf('\r\n\r\n');
    this.#rest = heard;
    if (end < 0) return false;
    if (!heard.toString('latin1', 0, 12).endsWith('101')) return false;
    this.#upgraded = true;
    this.#rest = EMPTY;
    if (heard.length > end + 4) this.#take(heard.subarray(end + 4));
    return true;
  }

  #take(chunk: Buffer): void {
    const atMs = performance.now();
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let offset = 0;
    for (;;) {
      const next = this.#frame(bytes, offset, atMs);
      if (next === undefined) break;
      offset = next;
    }
    // The kernel's buffer is used again: what is not whole yet has to be copied.
    this.#rest = offset === bytes.length ? EMPTY : Buffer.from(bytes.subarray(offset));
  }

  /** Where the next frame starts; undefined when this one is not whole yet. Servers do not mask. */
  #frame(bytes: Buffer, offset: number, atMs: number): number | undefined {
    if (bytes.length < offset + 2) return undefined;
    const opcode = (bytes[offset] ?? 0) & 0x0f;
    let length = (bytes[offset + 1] ?? 0) & 0x7f;
    let start = offset + 2;
    if (length === 126) {
      if (bytes.length < offset + 4) return undefined;
      length = bytes.readUInt16BE(offset + 2);
      start = offset + 4;
    } else if (length === 127) {
      if (bytes.length < offset + 10) return undefined;
      length = bytes.readUInt32BE(offset + 6);
      start = offset + 10;
    }
    const end = start + length;
    if (bytes.length < end) return undefined;
    const payload = bytes.subarray(start, end);
    if (opcode === BINARY || opcode === CONTINUATION || opcode === TEXT) this.onFrame(payload, atMs);
    else if (opcode === PING) this.send(frameOf(payload, PONG));
    else if (opcode === CLOSE) this.#socket?.end();
    return end;
  }
}

/** Masked with zeros, which changes nothing and so costs nothing. */
export function frameOf(payload: Uint8Array, opcode = BINARY): Buffer {
  const { length } = payload;
  const headerBytes = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const frame = Buffer.alloc(headerBytes + 4 + length);
  frame[0] = FIN | opcode;
  if (headerBytes === 2) frame[1] = MASKED | length;
  else if (headerBytes === 4) {
    frame[1] = MASKED | 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = MASKED | 127;
    frame.writeUInt32BE(length, 6);
  }
  frame.set(payload, headerBytes + 4);
  return frame;
}
