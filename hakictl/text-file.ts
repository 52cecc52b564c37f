// Files and standard input as text. What is not UTF-8 is refused: read as if it were, it would go live as something else.
import { readFile } from 'node:fs/promises';
import { readUtf8 } from '@hakiri/base/bytes';
import { UsageError } from './failure.ts';

/** @throws UsageError */
export async function readText(path: string): Promise<string> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    throw new UsageError(`${path} cannot be read. Check the path.`, { cause });
  }
  return textOf(bytes, path);
}

/** `name` is what a person calls it. @throws UsageError */
export function textOf(bytes: Uint8Array, name: string): string {
  const read = readUtf8(bytes);
  if (read.kind === 'text') return read.text;
  throw new UsageError(
    `${name} is not UTF-8: byte ${read.offset + 1}, in line ${read.line}. Save it as UTF-8 and try again.`,
  );
}
