// The fields of one pipeline, written into the document at every keystroke and following others' keystrokes.
import { commitEdit, deletePipeline, setEnabled } from '@hakiri/config-doc/edit';
import { readGroups } from '@hakiri/config-doc/groups';
import type { LoroDoc } from 'loro-crdt';
import { confirmDialog } from './dialogs.ts';
import { announce, button, labelled, make, setText, showValue } from './dom.ts';
import type { FieldName } from './issue-path.ts';
import { idProblem } from './pipeline-checks.ts';
import type { PipelineRow } from './pipeline-rows.ts';
import { writeField } from './pipeline-writes.ts';
import { oncePerUser, type Person, type Presence } from './presence.ts';
import { createSourceKind } from './source-kind.ts';

const SCHEDULES = { cron: 'cron', every: 'every', 'on-event': 'on event' } as const;
const PLACEMENTS = { auto: 'auto', node: 'node', label: 'label' } as const;
const SCHEDULE_HINTS: Record<string, string> = {
  cron: 'minute hour day month weekday, such as 0 6 * * 1-5',
  every: 'a number and ms, s, m, h or d, such as 15m',
  'on-event': 'manifest.applied, or pipeline.finished:<id>',
};
const PLACEMENT_HINTS: Record<string, string> = {
  auto: 'on any node; with a target, on any node of that pool',
  node: 'the name of the one node to run on',
  label: 'on any node with the label that is the target, such as any-mac',
};

type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;
type TextName = Exclude<FieldName, 'enabled' | 'source/kind'>;

export type PipelineEditor = {
  element: HTMLElement;
  show(row: PipelineRow | undefined, people: readonly Person[]): void;
  /** Puts the cursor where an issue is to be mended. */
  focusField(field: FieldName): void;
};

export function createPipelineEditor(options: {
  doc: LoroDoc;
  presence: Presence;
  canEdit: boolean;
  /** Whether another pipeline than `key` has this id. */
  isTaken(id: string, key: string): boolean;
  close: () => void;
}): PipelineEditor {
  const { doc, presence, canEdit } = options;
  const disabled = !canEdit;
  const title = make('h2');
  const notes = new Map<FieldName, HTMLElement>();
  const controls = new Map<TextName, Control>();
  /** What is written when the field is left, and typed into now. */
  const unwritten = new Set<TextName>();
  let current: PipelineRow | undefined;

  const noteOf = (name: FieldName): HTMLElement => {
    const note = make('span', { class: 'others' });
    notes.set(name, note);
    return note;
  };
  const followed = (name: FieldName, control: HTMLElement): void => {
    control.addEventListener('focus', () => presence.focus(current?.key, name));
    control.addEventListener('blur', () => presence.focus(current?.key));
  };
  const edit = (change: (key: string) => boolean): void => {
    if (!current) return;
    const { key } = current;
    if (!commitEdit(doc, 'page', () => change(key))) announce('Somebody has deleted this pipeline.');
  };
  const field = (name: TextName, label: string, control: Control): HTMLElement => {
    controls.set(name, control);
    followed(name, control);
    return labelled(label, control, noteOf(name));
  };
  const text = (name: TextName, label: string, maxlength: number, more: { [name: string]: string } = {}) => {
    const control = make('input', { type: 'text', maxlength, autocomplete: 'off', disabled, ...more });
    control.addEventListener('input', () => edit((key) => writeField(doc, key, name, control.value)));
    return field(name, label, control);
  };
  const choice = (name: TextName, label: string, values: Readonly<Record<string, string>>) => {
    const choices = Object.entries(values).map(([value, shown]) => make('option', { value }, shown));
    const control = make('select', { disabled }, ...choices);
    control.addEventListener('change', () => edit((key) => writeField(doc, key, name, control.value)));
    return field(name, label, control);
  };
  /** Half an id is another pipeline's, and half a path is a group of its own: written when the field is left. */
  const whole = (
    name: 'id' | 'group',
    label: string,
    maxlength: number,
    more: { [name: string]: string },
  ) => {
    const control = make('input', { type: 'text', maxlength, autocomplete: 'off', disabled, ...more });
    control.addEventListener('input', () => unwritten.add(name));
    control.addEventListener('change', () => {
      const value = control.value.trim();
      if (name === 'id' && !acceptId(value)) return;
      unwritten.delete(name);
      edit((key) => writeField(doc, key, name, value));
    });
    return field(name, label, control);
  };

  const code = { class: 'code', spellcheck: 'false' };
  const idField = whole('id', 'Id', 100, { ...code, 'aria-describedby': 'id-problem' });
  const idNote = make('p', { class: 'bad', id: 'id-problem', role: 'alert' });
  const description = make('textarea', { maxlength: 10_000, rows: 2, disabled });
  description.addEventListener('input', () =>
    edit((key) => writeField(doc, key, 'description', description.value)),
  );
  const enabled = make('input', { type: 'checkbox', role: 'switch', disabled });
  enabled.addEventListener('change', () => edit((key) => setEnabled(doc, key, enabled.checked)));
  followed('enabled', enabled);
  const kind = createSourceKind({
    disabled,
    note: noteOf('source/kind'),
    onInput: (value) => edit((key) => writeField(doc, key, 'source/kind', value)),
  });
  for (const control of kind.controls) followed('source/kind', control);
  const groups = make('datalist', { id: 'groups' });
  const scheduleHint = make('p', { class: 'hint' });
  const placementHint = make('p', { class: 'hint' });
  const zone = text('schedule/timezone', 'Time zone', 60, { placeholder: 'UTC', list: 'time-zones' });
  const zones = Intl.supportedValuesOf('timeZone').map((value) => make('option', { value }));
  const part = (name: string, ...children: HTMLElement[]): HTMLElement =>
    make('fieldset', {}, make('legend', {}, name), ...children);

  const element = make(
    'section',
    { class: 'panel editor', 'aria-label': 'Pipeline' },
    make('div', { class: 'panel-head' }, title, button('Close', options.close, { class: 'quiet' })),
    text('name', 'Name', 200),
    labelled('Enabled', enabled, noteOf('enabled')),
    part(
      'Schedule',
      choice('schedule/kind', 'Schedule kind', SCHEDULES),
      text('schedule/expr', 'Expression', 200, code),
      scheduleHint,
      zone,
      make('datalist', { id: 'time-zones' }, ...zones),
    ),
    part(
      'Data',
      ...kind.elements,
      text('source/ref', 'Source reference', 2000, code),
      text('destination/table', 'Table', 200, code),
      text('destination/partition_by', 'Partition column', 200, { ...code, placeholder: 'none' }),
    ),
    part(
      'Placement',
      choice('placement/kind', 'Placement kind', PLACEMENTS),
      text('placement/target', 'Target', 100, code),
      placementHint,
    ),
    part(
      'In the list',
      idField,
      idNote,
      whole('group', 'Group', 500, { list: 'groups', placeholder: 'such as finance/daily' }),
      groups,
      field('description', 'Description', description),
    ),
    button('Delete this pipeline…', askToDelete, { class: 'danger', disabled }),
  );

  function acceptId(id: string): boolean {
    const key = current?.key ?? '';
    const problem = idProblem(id, (other) => options.isTaken(other, key));
    setText(idNote, problem ? `Not renamed. ${problem}` : '');
    controls.get('id')?.setAttribute('aria-invalid', String(problem !== undefined));
    return problem === undefined;
  }

  function forgetUnwritten(): void {
    unwritten.clear();
    setText(idNote, '');
    controls.get('id')?.removeAttribute('aria-invalid');
    groups.replaceChildren(...readGroups(doc).map((value) => make('option', { value })));
  }

  async function askToDelete(): Promise<void> {
    if (!current) return;
    const { key, id } = current;
    const question = `Delete ${id}? It disappears for everybody; what is applied runs on until the next apply.`;
    if (!(await confirmDialog(question, 'Delete'))) return;
    commitEdit(doc, 'page', () => deletePipeline(doc, key));
    options.close();
  }

  return {
    element,
    show(row, people) {
      if (row?.key !== current?.key) forgetUnwritten();
      current = row;
      if (!row) return;
      setText(title, row.id || '(no id)');
      for (const [name, control] of controls) {
        if (unwritten.has(name)) continue;
        const value = fieldText(row, name);
        if (!(control instanceof HTMLSelectElement)) showValue(control, value);
        else if ([...control.options].some((option) => option.value === value)) control.value = value;
        else control.selectedIndex = -1;
      }
      enabled.checked = row.enabled;
      kind.show(row.source.kind);
      zone.hidden = row.schedule.kind !== 'cron';
      setText(scheduleHint, SCHEDULE_HINTS[row.schedule.kind] ?? '');
      setText(placementHint, PLACEMENT_HINTS[row.placement.kind] ?? '');
      for (const [name, note] of notes) {
        const here = people.filter((person) => person.pipeline === row.key && person.field === name);
        const others = oncePerUser(here.filter((person) => !person.self));
        setText(note, others.length === 0 ? '' : `${others.map((person) => person.name).join(', ')} is here`);
      }
    },
    focusField(name) {
      if (name === 'enabled') enabled.focus();
      else if (name === 'source/kind') kind.focus();
      else controls.get(name)?.focus();
    },
  };
}

function fieldText(row: PipelineRow, name: TextName): string {
  const { id, description, group, source, destination, schedule, placement } = row;
  const values: Record<TextName, string> = {
    id,
    name: row.name,
    description,
    group,
    'source/ref': source.ref,
    'destination/table': destination.table,
    'destination/partition_by': destination.partition,
    'schedule/kind': schedule.kind,
    'schedule/expr': schedule.expr,
    'schedule/timezone': schedule.timezone,
    'placement/kind': placement.kind,
    'placement/target': placement.target,
  };
  return values[name];
}
