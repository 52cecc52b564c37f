// The bytes of a revision and their digest, made piece by piece: a large team's are as many megabytes as nobody wants to hold
// twice, nor to wait for. Of the last one what is the same stays where it is, and the next is written around it.
import type { ManifestConfig } from '@hakiri/contracts/config';
import { manifestBlocks } from '@hakiri/manifest/render';
import { runsTheSame, runtimeOf } from '@hakiri/manifest/runtime';
import { betweenSameEnds } from '@hakiri/manifest/same-ends';
import { digestOfBytes } from '@hakiri/service/digest-pieces';

/** Blocks in a piece: what is done between two looks at the clock. */
const BLOCKS_AT_ONCE = 64;
const SEPARATOR = '\n';
/** A larger body's memory goes back. */
const SPARE_LIMIT_BYTES = 64 * 1024 * 1024;
/** Memory for so many times the size. */
const ROOM = 1.05;

export type Body = { bytes: Uint8Array; digest: string };

/** Where each block stands in the memory of a body, followed by a separator; the last place is where another would begin. */
type Layout = { memory: Uint8Array; blocks: readonly string[]; places: Uint32Array };

const layouts = new WeakMap<Body, Layout>();
/** The last body that was released: of the next one most is there already. One for the process, and not of any size. */
let spare: Layout | undefined;

/** As it is published. Whoever made it may `release` it. */
export function* bodyOf(config: ManifestConfig): Generator<undefined, Body> {
  const blocks: string[] = [];
  for (const block of manifestBlocks(config)) if (blocks.push(block) % BLOCKS_AT_ONCE === 0) yield;
  const layout = yield* laidOut(blocks, takeSpare(blocks));
  const bytes = layout.memory.subarray(0, endOf(layout.places) - SEPARATOR.length);
  const body = { bytes, digest: yield* digestOfBytes(bytes) };
  layouts.set(body, layout);
  return body;
}

/** Once nobody reads its bytes any more: the next one is written over them, or their memory goes back at once. */
export function release(body: Body): void {
  const layout = layouts.get(body);
  if (!layouts.delete(body) || layout === undefined) return;
  const { length } = layout.memory;
  const isKept = length <= SPARE_LIMIT_BYTES && length >= (spare?.memory.length ?? 0);
  const [kept, gone] = isKept ? [layout, spare] : [spare, layout];
  spare = kept;
  if (gone) letGo(gone.memory);
}

/** A dozen such would lie about before a collection took them. */
function letGo({ buffer }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer) buffer.transfer(0);
}

/** Nobody else has it from here on. Of another team's there would be little to take over. */
function takeSpare(blocks: readonly string[]): Layout {
  const taken = spare;
  if (taken === undefined || 2 * betweenSameEnds(blocks, taken.blocks).a.length > blocks.length)
    return { memory: new Uint8Array(), blocks: [], places: new Uint32Array(1) };
  spare = undefined;
  return taken;
}

/** What stands between the blocks that are the same is written, and the rest moved: by far most is there, and not made again. */
function* laidOut(blocks: readonly string[], last: Layout): Generator<undefined, Layout> {
  const { a: fresh, b: stale, before } = betweenSameEnds(blocks, last.blocks);
  const places = new Uint32Array(blocks.length + 1);
  places.set(last.places.subarray(0, before + 1));
  let at = placeAt(places, before);
  for (const [index, block] of fresh.entries()) {
    at += Buffer.byteLength(block) + SEPARATOR.length;
    places[before + index + 1] = at;
    if (index % BLOCKS_AT_ONCE === 0) yield;
  }
  const rest = placeAt(last.places, before + stale.length);
  const moved = at - rest;
  for (let index = before + stale.length + 1; index < last.places.length; index++)
    places[index + fresh.length - stale.length] = placeAt(last.places, index) + moved;
  const memory = moveRest(last, { rest, at, sizeBytes: endOf(places), kept: placeAt(places, before) });
  const target = Buffer.from(memory.buffer);
  at = placeAt(places, before);
  for (const [index, block] of fresh.entries()) {
    at += target.write(block, at);
    at += target.write(SEPARATOR, at);
    if (index % BLOCKS_AT_ONCE === 0) yield;
  }
  return { memory, blocks, places };
}

/** `last`'s memory, or a larger one, with the first `kept` bytes and, from `at` on, what stood from `rest` on. */
function moveRest(
  { memory, places }: Layout,
  { rest, at, sizeBytes, kept }: { rest: number; at: number; sizeBytes: number; kept: number },
): Uint8Array {
  const end = endOf(places);
  if (sizeBytes <= memory.length) return rest === at ? memory : memory.copyWithin(at, rest, end);
  // With room for the next ones, so that a line more does not take another such memory.
  const larger = new Uint8Array(Math.ceil(sizeBytes * ROOM));
  larger.set(memory.subarray(0, kept));
  larger.set(memory.subarray(rest, end), at);
  letGo(memory);
  return larger;
}

function placeAt(places: Uint32Array, index: number): number {
  return places[index] ?? 0;
}

function endOf(places: Uint32Array): number {
  return placeAt(places, places.length - 1);
}

/** The digest of what runs: that of the revision before where the same runs, else of all of it. */
export function* runtimeDigestOf(
  config: ManifestConfig,
  before?: { config: ManifestConfig; runtimeDigest: string | undefined },
): Generator<undefined, string> {
  if (before?.runtimeDigest !== undefined && runsTheSame(before.config, config)) return before.runtimeDigest;
  yield;
  const hash = new Bun.CryptoHasher('sha256');
  let count = 0;
  for (const block of manifestBlocks(runtimeOf(config))) {
    if (count > 0) hash.update(SEPARATOR);
    hash.update(block);
    count += 1;
    if (count % BLOCKS_AT_ONCE === 0) yield;
  }
  return `sha256:${hash.digest('hex')}`;
}
