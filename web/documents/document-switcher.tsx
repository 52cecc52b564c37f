// Which document is open, and the others of the team behind it.

import { useNavigate } from '@tanstack/react-router';
import { ChevronsUpDown } from 'lucide-react';
import { lazy, Suspense, useEffect, useState } from 'react';
import { useStore } from '../live/use-store.ts';
import { Button } from '../parts/button.tsx';
import { Menu, type MenuAction } from '../parts/menu.tsx';
import { useCommands } from '../screen/commands.ts';
import { useSession, useWorkspace } from '../screen/context.ts';
import { strings } from '../strings/strings.ts';
import classes from './document-switcher.module.css';

const text = strings.documents;
const DocumentsDialog = lazy(() =>
  import('./documents-dialog.tsx').then(({ DocumentsDialog: Dialog }) => ({ default: Dialog })),
);
/** More are found in the dialog. */
const SHOWN_LIMIT = 10;

export function DocumentSwitcher() {
  const { docId } = useWorkspace();
  const { documents } = useSession();
  const navigate = useNavigate();
  const docs = useStore(documents.list);
  const [isOpen, setOpen] = useState(false);
  // Without an answer there is the one that is open.
  useEffect(() => documents.again(), [documents]);
  useCommands([{ id: 'documents', label: text.title, keys: 'g o', run: () => setOpen(true) }]);
  const open = (doc: string): unknown => navigate({ to: '/docs/$doc/pipelines', params: { doc } });
  const title = docs.find(({ doc }) => doc === docId)?.title ?? docId;
  const actions: MenuAction[] = docs.slice(0, SHOWN_LIMIT).map(({ doc, title: name }) => ({
    label: name,
    aside: doc === docId ? '✓' : undefined,
    run: () => open(doc),
  }));
  return (
    <>
      <Menu
        button={
          <Button look="quiet" className={classes.button} aria-label={text.switcher(title)}>
            <span className={classes.title}>{title}</span>
            <ChevronsUpDown aria-hidden />
          </Button>
        }
        actions={[...actions, 'separator', { label: text.all, run: () => setOpen(true) }]}
      />
      {isOpen && (
        <Suspense>
          <DocumentsDialog changed={documents.told} open={open} close={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
