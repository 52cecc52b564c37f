// What edits.js gives the bench, whose types do not depend on whether the peers are installed.
import type { Shape } from '../sync/shape.ts';

export function buildDocument(pipelines: readonly Shape[]): Uint8Array;
export function openWriter(
  state: Uint8Array | undefined,
  key: string | undefined,
): (value: string, field?: string) => Uint8Array;
export function importWhole(state: Uint8Array): number;
export function scratchFields(state: Uint8Array): string[];
