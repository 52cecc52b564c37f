// The fields of one pipeline, written into the document at every keystroke and following others' keystrokes.
import {
  commitEdit,
  deletePipeline,
  setEnabled,
  setSchedule,
  setText as setTextField,
} from '@hakiri/config-doc/edit';
import type { ScheduleConfig } from '@hakiri/contracts/config';
import type { LoroDoc } from 'loro-crdt';
import { confirmDialog } from './dialogs.ts';
import { announce, button, labelled, make, setText, showValue } from './dom.ts';
import type { PipelineRow } from './pipeline-rows.ts';
import { oncePerUser, type Person, type Presence } from './presence.ts';

const KINDS = { cron: 'cron', every: 'every', 'on-event': 'on event' } as const;
const HINTS: Record<string, string> = {
  cron: 'minute hour day month weekday, such as 0 6 * * 1-5',
  every: 'a number and ms, s, m, h or d, such as 15m',
  'on-event': 'manifest.applied, or pipeline.finished:<id>',
};

export type PipelineEditor = {
  element: HTMLElement;
  show(row: PipelineRow | undefined, people: readonly Person[]): void;
  /** Puts the cursor where an issue's path says. */
  focusField(field: string): void;
};

export function createPipelineEditor(options: {
  doc: LoroDoc;
  presence: Presence;
  canEdit: boolean;
  close: () => void;
}): PipelineEditor {
  const { doc, presence, canEdit } = options;
  const disabled = !canEdit;
  const title = make('h2');
  const name = make('input', { type: 'text', maxlength: 200, autocomplete: 'off', disabled });
  const enabled = make('input', { type: 'checkbox', role: 'switch', disabled });
  const kind = make(
    'select',
    { disabled },
    ...Object.entries(KINDS).map(([value, text]) => make('option', { value }, text)),
  );
  const expr = make('input', {
    type: 'text',
    maxlength: 200,
    autocomplete: 'off',
    spellcheck: 'false',
    class: 'code',
    disabled,
  });
  const timezone = make('input', {
    type: 'text',
    maxlength: 60,
    autocomplete: 'off',
    placeholder: 'UTC',
    list: 'time-zones',
    disabled,
  });
  const fields = { name, enabled, kind, expr, timezone };
  const notes = new Map<string, HTMLElement>();
  const hint = make('p', { class: 'hint' });
  let current: PipelineRow | undefined;

  const field = (key: keyof typeof fields, label: string): HTMLElement => {
    const note = make('span', { class: 'others' });
    notes.set(key, note);
    fields[key].addEventListener('focus', () => presence.focus(current?.key, key));
    fields[key].addEventListener('blur', () => presence.focus(current?.key));
    return labelled(label, fields[key], note);
  };

  const edit = (change: (key: string) => boolean): void => {
    if (!current) return;
    const { key } = current;
    if (!commitEdit(doc, 'page', () => change(key))) announce('Somebody has deleted this pipeline.');
  };
  const editSchedule = (): void =>
    edit((key) => setSchedule(doc, key, scheduleOf(kind.value, expr.value, timezone.value)));
  name.addEventListener('input', () => edit((key) => setTextField(doc, key, 'name', name.value)));
  enabled.addEventListener('change', () => edit((key) => setEnabled(doc, key, enabled.checked)));
  kind.addEventListener('change', editSchedule);
  expr.addEventListener('input', editSchedule);
  timezone.addEventListener('input', editSchedule);

  const zone = field('timezone', 'Time zone');
  const remove = button('Delete this pipeline…', askToDelete, { class: 'danger', disabled });
  const element = make(
    'section',
    { class: 'panel editor', 'aria-label': 'Pipeline' },
    make('div', { class: 'panel-head' }, title, button('Close', options.close, { class: 'quiet' })),
    field('name', 'Name'),
    field('enabled', 'Enabled'),
    make(
      'fieldset',
      {},
      make('legend', {}, 'Schedule'),
      field('kind', 'Kind'),
      field('expr', 'Expression'),
      hint,
      zone,
      make(
        'datalist',
        { id: 'time-zones' },
        ...Intl.supportedValuesOf('timeZone').map((value) => make('option', { value })),
      ),
    ),
    remove,
  );

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
      current = row;
      if (!row) return;
      setText(title, row.id || '(no id)');
      showValue(name, row.name);
      enabled.checked = row.enabled;
      if (!Object.hasOwn(KINDS, row.schedule.kind)) kind.selectedIndex = -1;
      else kind.value = row.schedule.kind;
      showValue(expr, row.schedule.expr);
      showValue(timezone, row.schedule.timezone);
      zone.hidden = row.schedule.kind !== 'cron';
      setText(hint, HINTS[row.schedule.kind] ?? '');
      for (const [key, note] of notes) {
        const here = people.filter((person) => person.pipeline === row.key && person.field === key);
        const others = oncePerUser(here.filter((person) => !person.self));
        setText(note, others.length === 0 ? '' : `${others.map((person) => person.name).join(', ')} is here`);
      }
    },
    focusField(wanted) {
      const known =
        wanted === 'schedule' ? expr : Object.entries(fields).find(([key]) => key === wanted)?.[1];
      (known ?? name).focus();
    },
  };
}

/** As typed: an expression that is wrong, or empty, is for Apply to name. */
function scheduleOf(kind: string, expr: string, timezone: string): ScheduleConfig {
  if (kind === 'every' || kind === 'on-event') return { kind, expr };
  return timezone === '' ? { kind: 'cron', expr } : { kind: 'cron', expr, timezone };
}
