// Who changed what and when, newest first: the receipts, each with what its operations touched. One answer looks at a bounded
// number of receipts, whatever it finds; the next goes on where it ended.
import { describeChanges } from '@hakiri/config-doc/history';
import { selectScope } from '@hakiri/config-doc/scope';
import type { HistoryEntry, HistoryPage } from '@hakiri/contracts/notice';
import { rootOf } from '../history/document-version.ts';
import type { Document } from './document.ts';
import type { Receipt, Receipts } from './receipts.ts';

export type HistoryRequest = {
  /** By human id or key: what touched it, its transforms included. */
  pipeline: string | undefined;
  user: string | undefined;
  /** `next` of the page before. */
  before: string | undefined;
  limit: number;
};

/** Receipts looked at for one page. */
const SCAN_LIMIT = 1_000;

/** Undefined when there is nothing with the name that `before` says. */
export function readHistory(
  document: Document,
  receipts: Receipts,
  request: HistoryRequest,
): HistoryPage | undefined {
  const all = receipts.all();
  const key = request.pipeline === undefined ? undefined : keyOf(document, request.pipeline);
  const entries: HistoryEntry[] = [];
  let at =
    request.before === undefined ? all.length : all.findLastIndex((one) => cursorOf(one) === request.before);
  if (at < 0) return undefined;
  let isCut = false;
  const root = rootOf(document.loro);
  for (let looked = 0; at > 0 && looked < SCAN_LIMIT && entries.length < request.limit; looked++) {
    at -= 1;
    const receipt = all[at];
    if (receipt === undefined || (request.user !== undefined && receipt.user !== request.user)) continue;
    const entry = entryOf(document, receipt);
    // What touched no entity has no changes either.
    if (entry.changes.length === 0) isCut ||= receipt.start < (root.get(receipt.peer) ?? 0);
    else if (key === undefined || touches(entry, key)) entries.push(entry);
  }
  const last = all[at];
  return { entries, isCut, ...(at > 0 && last !== undefined ? { next: cursorOf(last) } : {}) };
}

/** A pipeline that is gone is known by its key alone. */
function keyOf(document: Document, name: string): string {
  const [key] = selectScope(document.loro, { kind: 'pipelines', pipelines: [name] });
  return key ?? name;
}

function entryOf({ loro }: Document, { peer, start, end, user, atMs }: Receipt): HistoryEntry {
  const changes = describeChanges(loro, [{ peer, start, end }]);
  return { at: new Date(atMs).toISOString(), user, peer, from: start, to: end, changes };
}

function touches({ changes }: HistoryEntry, key: string): boolean {
  return changes.some(
    (change) => change.pipeline === key || (change.root === 'pipelines' && change.key === key),
  );
}

function cursorOf({ peer, start }: Receipt): string {
  return `${start}@${peer}`;
}
