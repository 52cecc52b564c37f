// What of a document's history somebody has not had when they left. Told by counters of operations, as clocks of devices are wrong.
import type { DocumentsClient } from '@hakiri/client/documents';
import { decodeVersion, encodeVersion } from '@hakiri/config-doc/version';
import type { DocVersion } from '@hakiri/contracts/names';
import type { HistoryEntry } from '@hakiri/contracts/notice';

const PAGES_LIMIT = 20;

/** What the server had of it: without the last `unsent` operations, which are one's own. */
export function versionAtServer(version: DocVersion, ownPeer: string, unsent: number): DocVersion {
  const counters = decodeVersion(version);
  if (counters === undefined || unsent === 0) return version;
  return encodeVersion(
    new Map(
      [...counters].map(([peer, count]) => [peer, peer === ownPeer ? Math.max(0, count - unsent) : count]),
    ),
  );
}

/** Newest first, as far back as `since`; of a history that is longer than anybody reads, the newest part. */
export async function historySince(
  documents: Pick<DocumentsClient, 'history'>,
  doc: string,
  since: DocVersion,
): Promise<HistoryEntry[]> {
  const known = new Map<string, number>(decodeVersion(since) ?? []);
  const all: HistoryEntry[] = [];
  let before: string | undefined;
  for (let page = 0; page < PAGES_LIMIT; page++) {
    const { entries, next } = await documents.history(doc, before === undefined ? {} : { before });
    const fresh = entries.filter(({ peer, to }) => to > (known.get(peer) ?? 0));
    all.push(...fresh);
    // In the order in which the server got them: what was known is behind what was not.
    if (next === undefined || fresh.length === 0) break;
    before = next;
  }
  return all;
}
