// One pipeline or variable that is not live as it is, and one field of it.
import { Link } from '@tanstack/react-router';
import { ChevronDown, ChevronRight, Undo2 } from 'lucide-react';
import type { FocusEvent, KeyboardEvent } from 'react';
import { IconButton } from '../parts/button.tsx';
import { fieldLabel } from '../parts/diff-values.ts';
import { CheckField } from '../parts/field.tsx';
import { FieldRow } from '../parts/field-changes.tsx';
import { Hint } from '../parts/hint.tsx';
import { ChangeBadge } from '../parts/manifest-diff.tsx';
import { Moment } from '../parts/moment.tsx';
import { Badge } from '../parts/panel.tsx';
import { PersonName } from '../parts/person-name.tsx';
import { useSession, useWorkspace } from '../screen/context.ts';
import { changes as changesWords } from '../strings/en-changes.ts';
import classes from './change-list.module.css';
import type { EntryRow, FieldRowOf } from './change-rows.ts';
import type { LastEdit, LastEditors } from './last-editors.ts';
import type { ListActions } from './list-actions.ts';

const text = changesWords.list;

type Props = { editors: LastEditors | undefined; actions: ListActions };

export function EntryLine({
  row,
  editors,
  actions,
  onFocus,
  onBlur,
  toggle,
  step,
}: Props & {
  row: EntryRow;
  onFocus(): void;
  onBlur(event: FocusEvent): void;
  toggle(): void;
  step(by: 1 | -1): void;
}) {
  const { root, change, isOpen } = row;
  const { discard } = actions;
  const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
    if (event.target !== event.currentTarget) return;
    if (event.key === 'ArrowDown') step(1);
    else if (event.key === 'ArrowUp') step(-1);
    else if (event.key === 'Enter' && change.kind === 'changed') toggle();
    else return;
    event.preventDefault();
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a group of what can be done with one change, which the arrow keys reach
    <div
      role="group"
      aria-label={change.id}
      tabIndex={-1}
      data-entry={change.key}
      className={classes.entry}
      onFocus={onFocus}
      onBlur={onBlur}
      onKeyDown={onKeyDown}
    >
      {root === 'pipelines' ? (
        <CheckField
          label={text.pick(change.id)}
          isLabelHidden
          checked={actions.isChosen(root, change)}
          disabled={!actions.canPick}
          onChange={() => actions.pick(change.key)}
        />
      ) : (
        <span className={classes.noPick} />
      )}
      {change.kind === 'changed' ? (
        <button
          type="button"
          aria-label={text.show(change.id)}
          aria-expanded={isOpen}
          className={classes.turn}
          onClick={toggle}
        >
          {isOpen ? <ChevronDown aria-hidden /> : <ChevronRight aria-hidden />}
        </button>
      ) : (
        <span className={classes.turn} />
      )}
      <ChangeBadge change={change} />
      <EntryName row={row} />
      {root === 'variables' && (
        <Hint text={text.variableHint}>
          <span>
            <Badge>{text.variable}</Badge>
          </span>
        </Hint>
      )}
      {change.cosmetic && (
        <Hint text={text.cosmeticHint}>
          <span>
            <Badge tone="info">{text.cosmetic}</Badge>
          </span>
        </Hint>
      )}
      {change.kind === 'changed' && !isOpen && (
        <span className={classes.faint}>{text.fields(change.fields.length)}</span>
      )}
      <span className={classes.end}>
        {!(change.kind === 'changed' && isOpen) && <Editor edit={editors?.of(change.key)} />}
        {discard && (
          <IconButton label={text.discardEntry(change.id)} onClick={() => discard({ root, change })}>
            <Undo2 aria-hidden />
          </IconButton>
        )}
      </span>
    </div>
  );
}

function EntryName({ row: { root, change } }: { row: EntryRow }) {
  const { docId } = useWorkspace();
  if (root === 'variables' || change.kind === 'removed')
    return <span className={classes.id}>{change.id}</span>;
  return (
    <Link to="/docs/$doc/pipelines/$key" params={{ doc: docId, key: change.key }} className={classes.id}>
      {change.id}
    </Link>
  );
}

export function FieldLine({ row, editors, actions }: Props & { row: FieldRowOf }) {
  const { root, change, field, isLast } = row;
  const { discard } = actions;
  const aside = (
    <>
      <Editor edit={editors?.ofField(change.key, field.path)} />
      {discard && (
        <IconButton
          label={text.discardField(change.id, fieldLabel(field.path))}
          onClick={() => discard({ root, change, ...(field.path === '' ? {} : { fields: [field.path] }) })}
        >
          <Undo2 aria-hidden />
        </IconButton>
      )}
    </>
  );
  return (
    <ul className={isLast ? classes.lastField : classes.fieldLine}>
      <FieldRow field={field} aside={aside} />
    </ul>
  );
}

function Editor({ edit }: { edit: LastEdit | undefined }) {
  const { nameOf } = useSession();
  if (!edit) return null;
  return (
    <span className={classes.faint}>
      <PersonName className={classes.editor}>{text.by(nameOf(edit.user))}</PersonName>,{' '}
      <Moment at={edit.at} isRelative />
    </span>
  );
}
