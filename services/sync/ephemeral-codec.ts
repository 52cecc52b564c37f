// The bytes of Loro's EphemeralStore, read and written here and not by Loro: presence comes from anybody who may read, so it
// must never reach the wasm, and what goes out carries the server's clock. The format is postcard: a list of
// (key, optional value, zigzag milliseconds). The test checks it against the real EphemeralStore, both ways.
import { concatBytes, utf8 } from '@hakiri/base/bytes';

export type EphemeralValue =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | EphemeralValue[]
  | { [key: string]: EphemeralValue };

/** Without a value the key is deleted. */
export type EphemeralEntry = { key: string; value: EphemeralValue | undefined; atMs: number };

const DEPTH_LIMIT = 16;
const ENTRIES_LIMIT = 4_096;
const [NULL, BOOL, DOUBLE, INT, STRING, LIST, MAP, , BINARY] = [0, 1, 2, 3, 4, 5, 6, 7, 8];

/** Undefined when the bytes are not a well-formed update, or hold what presence does not carry (containers, deep nesting). */
export function decodeEphemeral(bytes: Uint8Array): EphemeralEntry[] | undefined {
  const reader = new Reader(bytes);
  try {
    const entries: EphemeralEntry[] = [];
    for (let left = reader.length(); left > 0; left--) {
      if (entries.length === ENTRIES_LIMIT) return undefined;
      const key = reader.text();
      const value = reader.flag() ? reader.value(0) : undefined;
      entries.push({ key, value, atMs: Number(reader.integer()) });
    }
    return reader.done() ? entries : undefined;
  } catch (error) {
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}

export function encodeEphemeral(entries: readonly EphemeralEntry[]): Uint8Array {
  const parts: Uint8Array[] = [varint(BigInt(entries.length))];
  for (const { key, value, atMs } of entries) {
    pushText(parts, key);
    parts.push(Uint8Array.of(value === undefined ? 0 : 1));
    if (value !== undefined) pushValue(parts, value);
    parts.push(zigzag(atMs));
  }
  return concatBytes(parts);
}

class MalformedError extends Error {}

class Reader {
  readonly #bytes: Uint8Array;
  readonly #text = new TextDecoder('utf-8', { fatal: true });
  #offset = 0;
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  done(): boolean {
    return this.#offset === this.#bytes.length;
  }

  value(depth: number): EphemeralValue {
    if (depth > DEPTH_LIMIT) throw new MalformedError();
    switch (this.#byte()) {
      case NULL:
        return null;
      case BOOL:
        return this.flag();
      case DOUBLE:
        return this.#double();
      case INT:
        return Number(this.integer());
      case STRING:
        return this.text();
      case LIST:
        return Array.from({ length: this.length() }, () => this.value(depth + 1));
      case MAP:
        return Object.fromEntries(
          Array.from({ length: this.length() }, () => [this.text(), this.value(depth + 1)] as const),
        );
      case BINARY:
        return this.#take(this.length()).slice();
      default:
        throw new MalformedError();
    }
  }

  /** Of a list, a map or a text: each item takes a byte at least, so no length can exceed what is left. */
  length(): number {
    const length = this.#varint();
    if (length > BigInt(this.#bytes.length - this.#offset)) throw new MalformedError();
    return Number(length);
  }

  text(): string {
    try {
      return this.#text.decode(this.#take(this.length()));
    } catch {
      throw new MalformedError();
    }
  }

  flag(): boolean {
    const byte = this.#byte();
    if (byte > 1) throw new MalformedError();
    return byte === 1;
  }

  integer(): bigint {
    const value = this.#varint();
    return (value >> 1n) ^ -(value & 1n);
  }

  #double(): number {
    const bytes = this.#take(8);
    return new DataView(bytes.buffer, bytes.byteOffset).getFloat64(0, true);
  }

  #varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift <= 63n; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new MalformedError();
  }

  #byte(): number {
    const byte = this.#bytes[this.#offset++];
    if (byte === undefined) throw new MalformedError();
    return byte;
  }

  #take(length: number): Uint8Array {
    if (this.#offset + length > this.#bytes.length) throw new MalformedError();
    this.#offset += length;
    return this.#bytes.subarray(this.#offset - length, this.#offset);
  }
}

function pushValue(parts: Uint8Array[], value: EphemeralValue): void {
  if (value === null) parts.push(Uint8Array.of(NULL));
  else if (typeof value === 'boolean') parts.push(Uint8Array.of(BOOL, value ? 1 : 0));
  else if (typeof value === 'number') pushNumber(parts, value);
  else if (typeof value === 'string') {
    parts.push(Uint8Array.of(STRING));
    pushText(parts, value);
  } else if (value instanceof Uint8Array) {
    parts.push(Uint8Array.of(BINARY), varint(BigInt(value.length)), value);
  } else if (Array.isArray(value)) {
    parts.push(Uint8Array.of(LIST), varint(BigInt(value.length)));
    for (const item of value) pushValue(parts, item);
  } else {
    const entries = Object.entries(value);
    parts.push(Uint8Array.of(MAP), varint(BigInt(entries.length)));
    for (const [key, item] of entries) {
      pushText(parts, key);
      pushValue(parts, item);
    }
  }
}

function pushNumber(parts: Uint8Array[], value: number): void {
  if (Number.isSafeInteger(value)) {
    parts.push(Uint8Array.of(INT), zigzag(value));
    return;
  }
  const bytes = new Uint8Array(9);
  bytes[0] = DOUBLE;
  new DataView(bytes.buffer).setFloat64(1, value, true);
  parts.push(bytes);
}

function pushText(parts: Uint8Array[], text: string): void {
  const bytes = utf8(text);
  parts.push(varint(BigInt(bytes.length)), bytes);
}

function zigzag(value: number): Uint8Array {
  const whole = BigInt(Math.trunc(value));
  return varint(whole >= 0n ? whole << 1n : (-whole << 1n) - 1n);
}

function varint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}
