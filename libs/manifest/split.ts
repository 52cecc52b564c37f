// A published manifest in pieces: what comes before its first entry, then each entry with what belongs to it. Canonical text has one
// contiguous block per entry, so whoever has read a block before need not read it again. A pure look at the text: nothing is parsed.
import { fromUtf8, utf8 } from '@hakiri/base/bytes';
import type { ManifestConfig } from '@hakiri/contracts/config';
import { splitManifest } from './blocks.ts';
import { parseManifest } from './parse.ts';
import { asManifest } from './shape.ts';

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
