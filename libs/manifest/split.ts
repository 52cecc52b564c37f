// A published manifest in pieces: what comes before its first entry, then each entry with what belongs to it. Canonical text has one
// contiguous block per entry, so whoever has read a block before need not read it again. A pure look at the text: nothing is parsed.
import { fromUtf8, utf8 } from '@hakiri/base/bytes';
import type { ManifestConfig } from '@hakiri/contracts/config';
import { parseManifest } from './parse.ts';
import { asManifest } from './shape.ts';

/** An entry's first line behind an empty one, or where a text of several lines begins, in which that would mean nothing. */
const MARK = /\n(?=\n\[\[(?:pipeline|variable)\]\]\n)| = ("""|''')\n/g;

/** The blocks put together, with a line feed between them, are the manifest. */
export function* splitManifest(toml: string): Generator<string> {
  const mark = new RegExp(MARK);
  let start = 0;
  for (let found = mark.exec(toml); found !== null; found = mark.exec(toml)) {
    const quotes = found[1];
    if (quotes !== undefined) {
      const end = toml.indexOf(quotes, mark.lastIndex);
      if (end === -1) break;
      mark.lastIndex = end + quotes.length;
      continue;
    }
    yield toml.slice(start, mark.lastIndex);
    start = mark.lastIndex + 1;
  }
  yield toml.slice(start);
}

export type Part<Known> =
  | { kind: 'known'; known: Known }
  /** Most often of one entry. */
  | { kind: 'read'; block: string; manifest: ManifestConfig };

export type PartsRead<Known> = { kind: 'parts'; parts: Part<Known>[] } | { kind: 'unusable'; reason: string };

/**
 * In order; of a block that `known` knows what it says, without reading it. By the shape alone: what was valid once stays readable
 * when rules grow. Yields after each block. What does not come apart is read as a whole.
 */
export function* readParts<Known>(
  toml: string,
  known: (block: string) => Known | undefined,
): Generator<undefined, PartsRead<Known>> {
  const parts: Part<Known>[] = [];
  for (const block of splitManifest(toml)) {
    const before = known(block);
    const part = before === undefined ? readPart(ownText(block)) : { kind: 'known' as const, known: before };
    if (part.kind === 'unusable') {
      const whole = readPart(toml);
      return whole.kind === 'unusable' ? whole : { kind: 'parts', parts: [whole] };
    }
    parts.push(part);
    yield;
  }
  return { kind: 'parts', parts };
}

/** A part of a text holds all of it in memory, and so does what is read from the part. */
function ownText(block: string): string {
  return fromUtf8(utf8(block));
}

function readPart(
  block: string,
): Extract<Part<never>, { kind: 'read' }> | { kind: 'unusable'; reason: string } {
  const parsed = parseManifest(block);
  if (parsed.kind === 'refused')
    return { kind: 'unusable', reason: parsed.issues[0]?.message ?? 'it is no manifest' };
  const shaped = asManifest(parsed.draft);
  return shaped.kind === 'manifest'
    ? { kind: 'read', block, manifest: shaped.manifest }
    : { kind: 'unusable', reason: shaped.reason };
}
