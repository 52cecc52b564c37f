// Whether what was typed is safe, always in sight: a word in the top bar, and a banner when somebody has to do something.

import type { SyncStatus } from '@hakiri/client/sync';
import { Check, CloudOff, Eye, LoaderCircle, TriangleAlert } from 'lucide-react';
import { useStore } from '../live/use-store.ts';
import { Hint } from '../parts/hint.tsx';
import { Badge, type Tone } from '../parts/panel.tsx';
import { strings } from '../strings/strings.ts';
import { useWorkspace } from './context.ts';
import classes from './status.module.css';

const text = strings.app.status;
type Shown = { tone?: Tone; word: string; why?: string };

export function Status() {
  const { status } = useWorkspace();
  const now = useStore(status);
  const { tone, word, why } = shown(now);
  const badge = (
    <span role="status" className={classes.status}>
      <Badge {...(tone ? { tone } : {})}>
        {icon(now.kind)}
        {word}
      </Badge>
    </span>
  );
  return why ? <Hint text={why}>{badge}</Hint> : badge;
}

function shown(status: SyncStatus): Shown {
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
      return {
        word: text.readOnly,
        why: status.unsaved > 0 ? text.readOnlyUnsaved(status.unsaved) : text.readOnlyWhy,
      };
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

function icon(kind: SyncStatus['kind']) {
  if (kind === 'saved') return <Check aria-hidden />;
  if (kind === 'saving') return <LoaderCircle aria-hidden />;
  if (kind === 'offline') return <CloudOff aria-hidden />;
  if (kind === 'read_only') return <Eye aria-hidden />;
  return <TriangleAlert aria-hidden />;
}
