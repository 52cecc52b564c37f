// Notices when somebody left the server's reach and came back with edits, across reloads, and asks the history what met what.
import type { DocumentsClient } from '@hakiri/client/documents';
import { DocVersion } from '@hakiri/contracts/names';
import { Type } from '@sinclair/typebox';
import { Check } from '@sinclair/typebox/value';
import { createStore, type Store } from '../live/store.ts';
import type { Workspace } from '../live/workspace.ts';
import { historySince, versionAtServer } from './since.ts';
import { type Summary, summarize } from './summary.ts';

export type Return = Summary;
export type Returns = { last: Store<Return | undefined>; dismiss(): void; close(): void };

/** A connection that was away for less is no absence. */
const ABSENCE_MS = 10_000;

/**
 * Undefined: there with everything sent. `version` is what the server had then; `edited`: something was typed meanwhile. The time is
 * this device's, and says how long it was alone.
 */
type Absence = { sinceMs: number; version: DocVersion; edited: boolean } | undefined;

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

  function begin(unsaved: number): NonNullable<Absence> {
    const version = versionAtServer(connection.version(), connection.doc.peerIdStr, unsaved);
    return { sinceMs: now(), version, edited: false };
  }

  async function tell(version: DocVersion): Promise<void> {
    const entries = await historySince(documents, docId, version).catch(() => undefined);
    if (!entries) return;
    const summary = summarize(entries, user);
    if (summary.mine.length > 0) last.set(summary);
  }

  function look(): void {
    const { kind, ...rest } = status.get();
    const unsaved = 'unsaved' in rest ? rest.unsaved : 0;
    if (kind === 'offline')
      note({ ...(absence ?? begin(unsaved)), edited: absence?.edited === true || unsaved > 0 });
    if (kind !== 'saved' || !absence) return;
    const was = absence;
    note(undefined);
    if (was.edited && now() - was.sinceMs >= ABSENCE_MS) void tell(was.version);
  }

  const stop = connection.onStatus(look);
  look();
  return { last, dismiss: () => last.set(undefined), close: stop };
}

const Noted = Type.Object({ sinceMs: Type.Number(), version: DocVersion, edited: Type.Boolean() });

function loadAbsence(place: string): Absence {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(place) ?? 'null');
    return Check(Noted, value) ? value : undefined;
  } catch {
    return undefined;
  }
}
