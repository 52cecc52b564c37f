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
/** Below it an integer and its zigzag are exact as numbers; what is larger takes the slow way of BigInt. */
const SMALL = 2 ** 51;
/** Seven groups of seven bits stay exact as a number. */
const FAST_BYTES = 7;
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
      entries.push({ key, value, atMs: reader.integer() });
    }
    return reader.done() ? entries : undefined;
  } catch (error) {
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}

export function encodeEphemeral(entries: readonly EphemeralEntry[]): Uint8Array {
  return joinEntries(entries.map(encodeEntry));
}

/** One entry's bytes; they do not depend on what stands beside it, so many updates may share them. */
export function encodeEntry({ key, value, atMs }: EphemeralEntry): Uint8Array {
  const writer = new Writer();
  writer.text(key);
  writer.byte(value === undefined ? 0 : 1);
  if (value !== undefined) writer.value(value);
  writer.integer(Math.trunc(atMs));
  return writer.bytes();
}

/** An update of entries that are bytes already. */
export function joinEntries(entries: readonly Uint8Array[]): Uint8Array {
  const count = new Writer();
  count.varint(entries.length);
  return concatBytes([count.bytes(), ...entries]);
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
        return this.integer();
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
    if (length > this.#bytes.length - this.#offset) throw new MalformedError();
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

  integer(): number {
    const value = this.#varint();
    if (typeof value === 'number') return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    return Number((value >> 1n) ^ -(value & 1n));
  }

  #double(): number {
    const bytes = this.#take(8);
    return new DataView(bytes.buffer, bytes.byteOffset).getFloat64(0, true);
  }

  #varint(): number | bigint {
    const start = this.#offset;
    let value = 0;
    for (let group = 0, unit = 1; group < FAST_BYTES; group++, unit *= 0x80) {
      const byte = this.#byte();
      value += (byte & 0x7f) * unit;
      if (byte < 0x80) return value;
    }
    this.#offset = start;
    return this.#bigVarint();
  }

  #bigVarint(): bigint {
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

class Writer {
  #bytes = new Uint8Array(128);
  #length = 0;

  bytes(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  value(value: EphemeralValue): void {
    if (value === null) this.byte(NULL);
    else if (typeof value === 'boolean') {
      this.byte(BOOL);
      this.byte(value ? 1 : 0);
    } else if (typeof value === 'number') this.#number(value);
    else if (typeof value === 'string') {
      this.byte(STRING);
      this.text(value);
    } else if (value instanceof Uint8Array) {
      this.byte(BINARY);
      this.varint(value.length);
      this.#append(value);
    } else if (Array.isArray(value)) {
      this.byte(LIST);
      this.varint(value.length);
      for (const item of value) this.value(item);
    } else {
      const entries = Object.entries(value);
      this.byte(MAP);
      this.varint(entries.length);
      for (const [key, item] of entries) {
        this.text(key);
        this.value(item);
      }
    }
  }

  text(text: string): void {
    const bytes = utf8(text);
    this.varint(bytes.length);
    this.#append(bytes);
  }

  /** Zigzag. */
  integer(value: number): void {
    if (Math.abs(value) < SMALL) this.varint(value >= 0 ? value * 2 : -value * 2 - 1);
    else this.#bigVarint(value >= 0 ? BigInt(value) << 1n : (BigInt(-value) << 1n) - 1n);
  }

  varint(value: number): void {
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.byte((rest % 0x80) | 0x80);
    this.byte(rest);
  }

  byte(byte: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = byte;
  }

  #bigVarint(value: bigint): void {
    let rest = value;
    for (; rest >= 0x80n; rest >>= 7n) this.byte(Number(rest & 0x7fn) | 0x80);
    this.byte(Number(rest));
  }

  #number(value: number): void {
    if (Number.isSafeInteger(value)) {
      this.byte(INT);
      this.integer(value);
      return;
    }
    this.byte(DOUBLE);
    this.#reserve(8);
    new DataView(this.#bytes.buffer).setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  #append(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  #reserve(length: number): void {
    if (this.#length + length <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + length));
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}
