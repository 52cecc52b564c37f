// Which document an address of the page is about.
import { DocId } from '@hakiri/contracts/names';
import { Check } from '@sinclair/typebox/value';

/** `impossible`: what stands there can be no document's name. */
export type Addressed =
  | { kind: 'none' }
  | { kind: 'document'; doc: DocId }
  | { kind: 'impossible'; named: string };

export function addressedDocument(path: string): Addressed {
  const written = /^\/docs\/([^/]+)/.exec(path)?.[1];
  if (written === undefined) return { kind: 'none' };
  const named = unescaped(written);
  return Check(DocId, named)
    ? { kind: 'document', doc: named }
    : { kind: 'impossible', named: named ?? written };
}

/** Undefined where the escapes are of no text. */
function unescaped(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}
