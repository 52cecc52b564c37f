// The columns of the result, as a table that is written and gone through like one. The document keeps them by name and in no order,
// so they are shown by name.
import { isRecord } from '@hakiri/base/json';
import { commitEdit } from '@hakiri/config-doc/edit';
import type { ClipboardEvent, KeyboardEvent } from 'react';
import { announce } from '../../parts/announce.ts';
import { Issues } from '../../parts/field.tsx';
import { isEnter } from '../../parts/keys.ts';
import { Table } from '../../parts/table.tsx';
import { useRemovalFocus } from '../../parts/use-removal-focus.ts';
import { useWorkspace } from '../../screen/context.ts';
import { strings } from '../../strings/strings.ts';
import { ColumnRow } from '../schema/column-row.tsx';
import { NewColumnRow } from '../schema/new-column-row.tsx';
import { pastedColumns } from '../schema/pasted-columns.ts';
import classes from '../schema/schema.module.css';
import { putColumnBack, removeColumn, writeColumn, writePasted } from '../schema/schema-edits.ts';
import { Section } from './section.tsx';
import type { Form } from './use-form.ts';

const text = strings.editor.schema;
/** As one's own edits in this page are told from others'. */
const ORIGIN = 'page';

export function SchemaSection({ form }: { form: Form }) {
  const { connection } = useWorkspace();
  const { draft, canEdit, pipelineKey } = form;
  const schema = isRecord(draft.schema) ? draft.schema : {};
  const names = Object.keys(schema);
  const list = useRemovalFocus<HTMLDivElement>(names.length);
  const partition = isRecord(draft.destination) ? draft.destination.partition_by : undefined;
  const isTaken = (name: string): boolean => Object.hasOwn(schema, name);

  const remove = (name: string): void => {
    const column = schema[name];
    form.edit((doc, key) => removeColumn(doc, key, name));
    const undo = (): void => form.edit((doc, key) => putColumnBack(doc, key, name, column));
    announce(text.removed(name), { label: text.undo, run: undo });
  };
  const onPaste = (event: ClipboardEvent): void => {
    const isNew = event.target instanceof HTMLElement && event.target.dataset.add !== undefined;
    const columns = canEdit ? pastedColumns(event.clipboardData.getData('text/plain'), { isNew }) : undefined;
    if (!columns) return;
    event.preventDefault();
    const { doc } = connection;
    const done = commitEdit(doc, ORIGIN, () => writePasted(doc, pipelineKey, columns));
    announce(done ? text.pasted(done.added, done.changed) : strings.form.lost);
  };
  return (
    <Section title={text.title}>
      <p className={classes.words}>{canEdit ? text.explain : text.explainReadOnly}</p>
      <Issues issues={form.issues('schema/')} />
      {/* biome-ignore lint/a11y/noStaticElementInteractions: what is pasted or pressed in one of its fields */}
      <div
        {...list}
        className={classes.table}
        data-field="schema"
        tabIndex={-1}
        onPaste={onPaste}
        onKeyDown={toOtherRow}
      >
        <Table
          caption={text.caption}
          columns={[
            { name: text.name },
            { name: text.type },
            { name: text.nullable },
            { name: text.actions, isNameHidden: true },
          ]}
        >
          {names.map((name) => (
            <ColumnRow
              key={name}
              form={form}
              name={name}
              column={schema[name]}
              isTaken={isTaken}
              isPartition={partition === name}
              remove={() => remove(name)}
            />
          ))}
          {canEdit && (
            <NewColumnRow
              isTaken={isTaken}
              add={(name, column) => form.edit((doc, key) => writeColumn(doc, key, name, column))}
            />
          )}
        </Table>
      </div>
      {canEdit && <p className={classes.words}>{text.keys}</p>}
    </Section>
  );
}

/** The same cell of the row above or below. */
function toOtherRow(event: KeyboardEvent): void {
  const step = isEnter(event) ? 1 : { ArrowUp: -1, ArrowDown: 1 }[event.key];
  const { target } = event;
  if (step === undefined || event.defaultPrevented || !(target instanceof HTMLInputElement)) return;
  const cells = [...event.currentTarget.querySelectorAll(`[data-cell="${target.dataset.cell}"]`)];
  const next = cells[cells.indexOf(target) + step];
  if (!(next instanceof HTMLInputElement)) return;
  event.preventDefault();
  next.focus();
  if (next.type === 'text') next.select();
}
