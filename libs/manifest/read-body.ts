// Where a revision's body is, for all who read the blob store: at its `file` or, once it is old, in the cold prefix; and
// whether it is what was published.
import { blobKey, coldFile, type IndexedRevision } from '@hakiri/contracts/revision';
import { digestOf } from './digest.ts';

/** What is at a key of the blob store; undefined when nothing is. */
type ReadKey = (key: string) => Promise<Uint8Array | undefined>;
/** `file`: where it was found. `digest`: what it has instead of the revision's. */
type BodyRead =
  | { kind: 'whole'; file: string; bytes: Uint8Array }
  | { kind: 'damaged'; file: string; bytes: Uint8Array; digest: string }
  | { kind: 'absent' };

/**
 * The body is copied to the cold prefix before it is deleted where it was, so in this order it is found at every moment.
 * `coldFirst`: of a revision that is known to have moved. `digest`: in place of `digestOf`.
 */
export async function readBody(
  read: ReadKey,
  team: string,
  revision: Pick<IndexedRevision, 'file' | 'digest'>,
  options: { coldFirst?: boolean; digest?: (bytes: Uint8Array) => Promise<string> } = {},
): Promise<BodyRead> {
  const places = [revision.file, coldFile(revision.file)];
  for (const file of options.coldFirst ? places.reverse() : places) {
    const bytes = await read(blobKey(team, file));
    if (bytes === undefined) continue;
    const digest = await (options.digest ?? digestOf)(bytes);
    return digest === revision.digest
      ? { kind: 'whole', file, bytes }
      : { kind: 'damaged', file, bytes, digest };
  }
  return { kind: 'absent' };
}
