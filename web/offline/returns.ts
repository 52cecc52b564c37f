// Notices when somebody left the server's reach and came back with edits, across reloads, and asks the history what met what.
import type { DocumentsClient } from '@hakiri/client/documents';
import type { HistoryEntry } from '@hakiri/contracts/notice';
import { createStore, type Store } from '../live/store.ts';
import type { Workspace } from '../live/workspace.ts';
import { type Summary, summarize } from './summary.ts';

export type Return = Summary & { sinceMs: number };
export type Returns = { last: Store<Return | undefined>; dismiss(): void; close(): void };

/** A connection that was away for less is no absence. */
const ABSENCE_MS = 10_000;
const PAGES_LIMIT = 20;

/** Undefined: there with everything sent. `edited`: something was typed meanwhile. */
type Absence = { sinceMs: number; edited: boolean } | undefined;

export function watchReturns(
  { docId, connection, status }: Pick<Workspace, 'docId' | 'connection' | 'status'>,
  {
    documents,
    user,
    now = Date.now,
  }: { documents: Pick<DocumentsClient, 'history'>; user: string; now?: () => number },
): Returns {
  const place = `hakiri.away.${user}.${docId}`;
  const last = createStore<Return | undefined>(undefined);
  let absence = loadAbsence(place);

  function note(next: Absence): void {
    if (next?.edited === absence?.edited && next?.sinceMs === absence?.sinceMs) return;
    absence = next;
    if (next) localStorage.setItem(place, JSON.stringify(next));
    else localStorage.removeItem(place);
  }

  async function tell({ sinceMs }: { sinceMs: number }): Promise<void> {
    const entries = await historySince(documents, docId, sinceMs).catch(() => undefined);
    if (!entries) return;
    const summary = summarize(entries, user);
    if (summary.mine.length > 0) last.set({ ...summary, sinceMs });
  }

  function look(): void {
    const { kind, ...rest } = status.get();
    const unsaved = 'unsaved' in rest ? rest.unsaved : 0;
    if (kind === 'offline')
      note({ sinceMs: absence?.sinceMs ?? now(), edited: absence?.edited === true || unsaved > 0 });
    if (kind !== 'saved' || !absence) return;
    const was = absence;
    note(undefined);
    if (was.edited && now() - was.sinceMs >= ABSENCE_MS) void tell(was);
  }

  const stop = connection.onStatus(look);
  look();
  return { last, dismiss: () => last.set(undefined), close: stop };
}

/** Newest first, as far back as `sinceMs`; of a history that is longer than anybody reads, the newest part. */
async function historySince(
  documents: Pick<DocumentsClient, 'history'>,
  doc: string,
  sinceMs: number,
): Promise<HistoryEntry[]> {
  const all: HistoryEntry[] = [];
  let before: string | undefined;
  for (let page = 0; page < PAGES_LIMIT; page++) {
    const { entries, next } = await documents.history(doc, before === undefined ? {} : { before });
    const fresh = entries.filter(({ at }) => Date.parse(at) >= sinceMs);
    all.push(...fresh);
    if (next === undefined || fresh.length < entries.length) break;
    before = next;
  }
  return all;
}

function loadAbsence(place: string): Absence {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(place) ?? 'null');
    if (typeof value !== 'object' || value === null || !('sinceMs' in value) || !('edited' in value))
      return undefined;
    const { sinceMs, edited } = value;
    return typeof sinceMs === 'number' && typeof edited === 'boolean' ? { sinceMs, edited } : undefined;
  } catch {
    return undefined;
  }
}
