// A published manifest in pieces, where the one before is at hand: of large texts that differ in little, what both begin with and what
// both end with is found by comparing bytes, and what stands between alone is looked at. It comes apart as `splitManifest` has it.
import { fromUtf8, utf8 } from '@hakiri/base/bytes';
import { splitManifest } from './blocks.ts';

/** A text, and where its blocks begin: each ends a line feed before the next. The last place is where another would begin. */
export type Apart = { bytes: Uint8Array; places: Uint32Array };

export type Near = {
  apart: Apart;
  /** So many blocks at the beginning, and so many at the end, are those of the text before. */
  before: number;
  after: number;
  /** What stands between. */
  fresh: string[];
};

/** What is looked at around a place to tell that a block begins there: the line feeds before it, and its first line. */
const AROUND_BYTES = utf8('\n\n[[pipeline]]\n').length;
/** A text of several lines that opens, in which nothing means anything but its end. */
const OPENING = / = ("""|''')\n/g;

export const NOTHING_APART: Apart = { bytes: new Uint8Array(), places: new Uint32Array() };

/** Yields between blocks. @throws TypeError when the bytes are not UTF-8. */
export function* splitNear(bytes: Uint8Array, last: Apart): Generator<undefined, Near> {
  const [head, tail] = sameEnds(bytes, last.bytes);
  const { places } = last;
  const blocks = Math.max(0, places.length - 1);
  const place = (index: number): number => places[index] ?? 0;
  // Blocks whose end, and that it is one, is told by what is the same.
  const before = Math.max(0, firstFrom(places, head - AROUND_BYTES) - 1);
  const lastStart = last.bytes.length - tail + AROUND_BYTES;
  const first = Math.max(before, firstFrom(places, lastStart));
  const after = Math.max(0, blocks - first);
  const moved = bytes.length - last.bytes.length;
  const start = before === 0 ? 0 : place(before);
  const end = after === 0 ? bytes.length : place(first) + moved - 1;
  const text = start <= end ? fromUtf8(bytes.subarray(start, end)) : undefined;
  const isNear = before + after > 0;
  if (isNear && (text === undefined || !isClosed(text))) return yield* splitNear(bytes, NOTHING_APART);
  const fresh: string[] = [];
  for (const block of splitManifest(text ?? '')) {
    fresh.push(block);
    yield;
  }
  return { apart: { bytes, places: moveTo(last, before, after, moved, start, fresh) }, before, after, fresh };
}

function moveTo(
  { places }: Apart,
  before: number,
  after: number,
  moved: number,
  start: number,
  fresh: readonly string[],
): Uint32Array {
  const made = new Uint32Array(before + fresh.length + after + 1);
  made.set(places.subarray(0, before));
  let at = start;
  for (const [index, block] of fresh.entries()) {
    made[before + index] = at;
    at += Buffer.byteLength(block) + 1;
  }
  made[before + fresh.length] = at;
  const from = places.length - 1 - after;
  for (let index = 0; index <= after && after > 0; index++)
    made[before + fresh.length + index] = (places[from + index] ?? 0) + moved;
  return made;
}

/** Every text of several lines that opens ends: what comes after begins outside of any. */
function isClosed(text: string): boolean {
  const opening = new RegExp(OPENING);
  for (let found = opening.exec(text); found !== null; found = opening.exec(text)) {
    const quotes = found[1] ?? '';
    const end = text.indexOf(quotes, opening.lastIndex);
    if (end === -1) return false;
    opening.lastIndex = end + quotes.length;
  }
  return true;
}

/** How many bytes both begin with, and how many of the others both end with. */
function sameEnds(a: Uint8Array, b: Uint8Array): [number, number] {
  const shorter = Math.min(a.length, b.length);
  const head = mostThat(
    shorter,
    (from, to) => Buffer.compare(a.subarray(from, to), b.subarray(from, to)) === 0,
  );
  const tail = mostThat(
    shorter - head,
    (from, to) =>
      Buffer.compare(
        a.subarray(a.length - to, a.length - from),
        b.subarray(b.length - to, b.length - from),
      ) === 0,
  );
  return [head, tail];
}

/** The most of `limit` that is the same from 0 on; each byte is compared about twice. */
function mostThat(limit: number, isSame: (from: number, to: number) => boolean): number {
  let known = 0;
  for (let step = 64; known < limit; step *= 2) {
    const next = Math.min(limit, known + step);
    if (isSame(known, next)) {
      known = next;
      continue;
    }
    let until = next;
    while (until - known > 1) {
      const middle = (known + until) >>> 1;
      if (isSame(known, middle)) known = middle;
      else until = middle;
    }
    return known;
  }
  return known;
}

/** The first of the places that is at `from` or behind it. */
function firstFrom(places: Uint32Array, from: number): number {
  let [low, high] = [0, places.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((places[middle] ?? 0) < from) low = middle + 1;
    else high = middle;
  }
  return low;
}
