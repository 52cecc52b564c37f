// Whether what was typed is safe, always in sight: a word in the top bar, and a banner when somebody has to do something.

import type { SyncStatus } from '@hakiri/client/sync';
import { Check, CloudOff, Eye, LoaderCircle, TriangleAlert } from 'lucide-react';
import { useStore } from '../live/use-store.ts';
import { Hint } from '../parts/hint.tsx';
import { Badge } from '../parts/panel.tsx';
import { useWorkspace } from '../screen/context.ts';
import classes from './status.module.css';
import { shown } from './status-words.ts';

export function Status() {
  const { shownStatus, archived } = useWorkspace();
  const now = useStore(shownStatus);
  const { tone, word, why } = shown(now, useStore(archived)?.title);
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

function icon(kind: SyncStatus['kind']) {
  if (kind === 'saved') return <Check aria-hidden />;
  if (kind === 'saving') return <LoaderCircle aria-hidden />;
  if (kind === 'offline') return <CloudOff aria-hidden />;
  if (kind === 'read_only') return <Eye aria-hidden />;
  return <TriangleAlert aria-hidden />;
}
