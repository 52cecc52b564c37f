// The state of the connection in a word, and why it is so.
import type { SyncStatus } from '@hakiri/client/sync';
import type { Tone } from '../parts/panel.tsx';
import { strings } from '../strings/strings.ts';

const text = strings.app.status;
type Shown = { tone?: Tone; word: string; why?: string };

/** `archived`: the title of the document when that is why it is read only. */
export function shown(status: SyncStatus, archived?: string): Shown {
  switch (status.kind) {
    case 'saved':
      return { tone: 'good', word: text.saved };
    case 'saving':
      return { word: text.saving(status.unsaved) };
    case 'offline': {
      const why = status.kept ? text.offlineKept(status.unsaved) : text.offlineLost(status.unsaved);
      return { tone: 'warn', word: text.offline, why };
    }
    case 'read_only':
      return readOnly(status.unsaved, archived);
    case 'refused':
      return { tone: 'bad', word: text.refused, why: text.refusedWhy(status.code) };
    case 'update_required':
      return { tone: 'bad', word: text.update, why: text.updateWhy };
    case 'blocked':
      return { tone: 'warn', word: text.blocked, why: text.blockedWhy };
    case 'needs_review':
      return { tone: 'warn', word: text.review, why: text.reviewWhy(status.patch.length) };
    case 'closed':
      return { word: text.closed };
  }
}

function readOnly(unsaved: number, archived: string | undefined): Shown {
  const isArchived = archived !== undefined;
  const why = isArchived ? text.archivedWhy(archived) : text.readOnlyWhy;
  if (unsaved === 0) return { word: isArchived ? text.archived : text.readOnly, why };
  const word = isArchived ? text.archivedUnsaved(unsaved) : text.readOnlyUnsaved(unsaved);
  const fate = isArchived ? text.unsent.archived(unsaved) : text.unsent.role(unsaved);
  return { tone: 'warn', word, why: isArchived ? `${why} ${fate}` : fate };
}
