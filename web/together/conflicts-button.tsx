// How many conflicts wait to be looked at, in the frame of the page, with all of them behind it.

import type { Notice } from '@hakiri/contracts/notice';
import { Link } from '@tanstack/react-router';
import { Split } from 'lucide-react';
import { useState } from 'react';
import { useStore } from '../live/use-store.ts';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { useWorkspace } from '../screen/context.ts';
import { strings } from '../strings/strings.ts';
import classes from './conflict-card.module.css';
import { ConflictCard } from './conflict-card.tsx';

const text = strings.together.conflicts;
const SHOWN_LIMIT = 50;

export function ConflictsButton() {
  const { notices, connection } = useWorkspace();
  const list = useStore(notices);
  const [isOpen, setOpen] = useState(false);
  if (list.length === 0) return null;
  const open = list.filter(({ standing }) => standing === 'stands').length;
  // What is decided has been read then.
  const close = (): void => {
    setOpen(false);
    for (const { id, standing } of list) if (standing !== 'stands') connection.notices().dismiss(id);
  };
  const dismissAll = (): void => {
    for (const { id } of list) connection.notices().dismiss(id);
  };
  return (
    <>
      <Button
        look={open > 0 ? 'plain' : 'quiet'}
        aria-label={open > 0 ? text.count(open) : text.settledCount(list.length)}
        onClick={() => setOpen(true)}
      >
        <Split aria-hidden />
        {open > 0 && open}
      </Button>
      <Dialog
        title={text.title}
        isOpen={isOpen}
        close={close}
        isWide
        actions={<Button onClick={dismissAll}>{text.dismissAll}</Button>}
      >
        <p>{text.explain}</p>
        <ul className={classes.list}>
          {list.slice(0, SHOWN_LIMIT).map((notice) => (
            <li key={notice.id} className={classes.item}>
              <ConflictCard notice={notice} />
              <Where notice={notice} close={close} />
            </li>
          ))}
        </ul>
        {list.length > SHOWN_LIMIT && <p>{text.hidden(list.length - SHOWN_LIMIT)}</p>}
      </Dialog>
    </>
  );
}

function Where({ notice: { entity, field }, close }: { notice: Notice; close(): void }) {
  const { docId, pipelines } = useWorkspace();
  const key = entity.root === 'pipelines' ? entity.key : entity.pipeline;
  const head = key === undefined ? undefined : pipelines.head(key);
  if (key === undefined || !head) return null;
  return (
    <Link
      to="/docs/$doc/pipelines/$key"
      params={{ doc: docId, key }}
      search={field === '' ? {} : { field: field.replaceAll('.', '/') }}
      onClick={close}
    >
      {text.open(head.id)}
    </Link>
  );
}
