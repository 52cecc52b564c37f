// One document in the list of them.
import { DEFAULT_DOC } from '@hakiri/contracts/names';
import type { DocumentInfo } from '@hakiri/contracts/sync';
import { Archive, ArchiveRestore, Pencil } from 'lucide-react';
import { useState } from 'react';
import { Button, IconButton } from '../parts/button.tsx';
import { TextField } from '../parts/field.tsx';
import { Badge } from '../parts/panel.tsx';
import { useSubmit } from '../parts/use-press.ts';
import { strings } from '../strings/strings.ts';
import classes from './documents-dialog.module.css';

const text = strings.documents;

export function DocumentRow({
  info: { doc, title, archivedAt },
  isCurrent,
  canEdit,
  open,
  update,
}: {
  info: DocumentInfo;
  isCurrent: boolean;
  canEdit: boolean;
  open(doc: string): void;
  update(doc: string, body: { title?: string; archived?: boolean }): Promise<void>;
}) {
  const [typed, setTyped] = useState<string>();
  const isArchived = archivedAt !== undefined;
  const { submit } = useSubmit(async () => {
    if (typed === undefined || typed.trim() === '') return;
    await update(doc, { title: typed.trim() });
    setTyped(undefined);
  });
  if (typed !== undefined)
    return (
      <li>
        <form className={classes.row} onSubmit={submit}>
          <TextField
            label={text.renameLabel(title)}
            isLabelHidden
            maxLength={200}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
          <Button onClick={() => setTyped(undefined)}>{strings.parts.cancel}</Button>
          <Button type="submit" look="primary">
            {text.save}
          </Button>
        </form>
      </li>
    );
  return (
    <li className={classes.row}>
      <span className={classes.name}>
        <strong>{title}</strong>
        {title !== doc && <code>{doc}</code>}
        {isArchived && <Badge>{text.archived}</Badge>}
      </span>
      {isCurrent ? (
        <Badge tone="good">{text.opened}</Badge>
      ) : (
        <Button aria-label={text.openOf(title)} onClick={() => open(doc)}>
          {text.open}
        </Button>
      )}
      {canEdit && (
        <IconButton label={text.renameOf(title)} onClick={() => setTyped(title)}>
          <Pencil aria-hidden />
        </IconButton>
      )}
      {canEdit && doc !== DEFAULT_DOC && (
        <IconButton
          label={isArchived ? text.takeBackOf(title) : text.archiveOf(title)}
          onClick={() => update(doc, { archived: !isArchived })}
        >
          {isArchived ? <ArchiveRestore aria-hidden /> : <Archive aria-hidden />}
        </IconButton>
      )}
    </li>
  );
}
