// The table of pipelines: choose some to apply, open one to edit, switch one on or off.
import { button, make, setBreakable, setText } from './dom.ts';
import { type PipelineRow, placementText, scheduleText } from './pipeline-rows.ts';
import { colourOf, initials, oncePerUser, type Person } from './presence.ts';

export type ListActions = {
  open(key: string): void;
  enable(key: string, enabled: boolean): void;
  /** Which are chosen has changed. */
  chosen(keys: ReadonlySet<string>): void;
};

type RowView = {
  element: HTMLTableRowElement;
  show(row: PipelineRow, people: Person[], open: boolean, remark: string): void;
};

export function createPipelineList(actions: ListActions, options: { canEdit: boolean }) {
  const body = make('tbody');
  const views = new Map<string, RowView>();
  const chosen = new Set<string>();
  const every = make('input', { type: 'checkbox', 'aria-label': 'Select all pipelines' });
  every.addEventListener('change', () => {
    for (const key of views.keys()) if (every.checked) chosen.add(key);
    if (!every.checked) chosen.clear();
    for (const { element } of views.values()) checkboxOf(element).checked = every.checked;
    actions.chosen(chosen);
  });

  function choose(key: string, on: boolean): void {
    if (on) chosen.add(key);
    else chosen.delete(key);
    every.checked = chosen.size > 0 && chosen.size === views.size;
    every.indeterminate = chosen.size > 0 && chosen.size < views.size;
    actions.chosen(chosen);
  }

  const heads = ['Pipeline', 'Group', 'Schedule', 'Placement', 'Enabled'];
  const element = make(
    'table',
    { class: 'pipelines' },
    make('caption', { class: 'hidden' }, 'Pipelines of this document'),
    make(
      'thead',
      {},
      make('tr', {}, make('th', {}, every), ...heads.map((head) => make('th', { scope: 'col' }, head))),
    ),
    body,
  );

  return {
    element,
    /** Back to where an editor was opened from. */
    focus: (key: string): void => views.get(key)?.element.querySelector('button')?.focus(),
    /** `remarks`: what a row differs in from what is live, by key. */
    show(
      rows: readonly PipelineRow[],
      people: readonly Person[],
      open: string | undefined,
      remarks: ReadonlyMap<string, string>,
    ): void {
      const here = new Set(rows.map(({ key }) => key));
      for (const [key, view] of views) {
        if (here.has(key)) continue;
        view.element.remove();
        views.delete(key);
        if (chosen.has(key)) choose(key, false);
      }
      rows.forEach((row, index) => {
        const view = views.get(row.key) ?? createRow(row.key, { ...actions, choose }, options);
        views.set(row.key, view);
        const others = people.filter(({ pipeline, self }) => pipeline === row.key && !self);
        view.show(row, others, row.key === open, remarks.get(row.key) ?? '');
        // Moved only when it must be: moving a row takes the focus out of it.
        if (body.children[index] !== view.element)
          body.insertBefore(view.element, body.children[index] ?? null);
      });
    },
  };
}

function createRow(
  key: string,
  actions: ListActions & { choose(key: string, on: boolean): void },
  { canEdit }: { canEdit: boolean },
): RowView {
  const choice = make('input', { type: 'checkbox' });
  choice.addEventListener('change', () => actions.choose(key, choice.checked));
  const opener = button('', () => actions.open(key), { class: 'link' });
  const name = make('span', { class: 'name' });
  const faces = make('span', { class: 'faces' });
  const differs = make('span', { class: 'remark' });
  const group = make('td');
  const schedule = make('td', { class: 'code' });
  const placement = make('td');
  const enabled = make('input', { type: 'checkbox', role: 'switch', disabled: !canEdit });
  enabled.addEventListener('change', () => actions.enable(key, enabled.checked));
  const title = make('td', { class: 'title' }, make('div', { class: 'line' }, opener, faces), name, differs);
  const element = make(
    'tr',
    {},
    make('td', {}, choice),
    title,
    group,
    schedule,
    placement,
    make('td', {}, enabled),
  );
  return {
    element,
    show(row, people, open, remark) {
      const id = row.id || '(no id)';
      setBreakable(opener, id);
      choice.setAttribute('aria-label', `Select ${id}`);
      enabled.setAttribute('aria-label', `${id} is enabled`);
      setText(name, row.name === row.id ? '' : row.name);
      setBreakable(group, row.group);
      setText(differs, remark);
      setBreakable(schedule, scheduleText(row.schedule));
      setBreakable(placement, placementText(row.placement));
      enabled.checked = row.enabled;
      element.classList.toggle('off', !row.enabled);
      if (open) element.setAttribute('aria-current', 'true');
      else element.removeAttribute('aria-current');
      faces.replaceChildren(...oncePerUser(people).map(face));
    },
  };
}

/** A person as a small coloured sign, named for those who hover and those who listen. */
export function face(person: Person): HTMLElement {
  const what = person.self ? `${person.name} (you)` : person.name;
  const classes = `face colour-${colourOf(person.user)}`;
  return make(
    'span',
    { class: classes, title: what, role: 'img', 'aria-label': what },
    initials(person.name),
  );
}

function checkboxOf(row: HTMLTableRowElement): HTMLInputElement {
  const box = row.querySelector('input');
  if (!box) throw new Error('every row begins with a checkbox');
  return box;
}
