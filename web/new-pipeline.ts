// The dialog that makes a pipeline which is valid at once; what is wrong in it is said beside the field.
import type { createPipeline } from '@hakiri/config-doc/edit';
import { ask } from './dialogs.ts';
import { button, labelled, make, setText } from './dom.ts';
import { idProblem, tableProblem } from './pipeline-checks.ts';
import { createSourceKind } from './source-kind.ts';

type NewPipeline = Parameters<typeof createPipeline>[1];

/** Undefined when cancelled. */
export function askForPipeline(isTaken: (id: string) => boolean): Promise<NewPipeline | undefined> {
  return ask((dialog, answer) => {
    const kind = createSourceKind({});
    const [, kindName] = kind.controls;
    const id = textInput(100, 'orders-daily');
    const ref = textInput(2000, 'orders.csv');
    const table = textInput(200, 'shop.orders');
    const checks = [
      { control: id, problem: () => idProblem(id.value.trim(), isTaken) },
      {
        control: kindName ?? id,
        problem: () => (kind.value().trim() === '' ? 'Name the kind of the source.' : undefined),
      },
      {
        control: ref,
        problem: () => (ref.value.trim() === '' ? 'Say what to read: a file, or an address.' : undefined),
      },
      { control: table, problem: () => tableProblem(table.value.trim()) },
    ].map((check, index) => ({ ...check, note: problemNote(check.control, `new-pipeline-${index}`) }));
    const noteOf = (control: HTMLElement): Node[] =>
      checks.filter((check) => check.control === control).map(({ note }) => note);

    const form = make(
      'form',
      { method: 'dialog', novalidate: true },
      make('h2', {}, 'New pipeline'),
      labelled('Id', id),
      ...noteOf(id),
      ...kind.elements,
      ...(kindName ? noteOf(kindName) : []),
      labelled('Source reference', ref),
      ...noteOf(ref),
      labelled('Table', table),
      ...noteOf(table),
      make(
        'p',
        { class: 'hint' },
        'It begins switched off, every hour, on any node. All of it can be changed after.',
      ),
      make(
        'div',
        { class: 'actions' },
        button('Cancel', () => answer(undefined)),
        make('button', { type: 'submit', class: 'primary' }, 'Create'),
      ),
    );
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      const wrong = checks.filter(({ control, note, problem }) => {
        const sentence = problem();
        setText(note, sentence ?? '');
        control.setAttribute('aria-invalid', String(sentence !== undefined));
        return sentence !== undefined;
      });
      wrong[0]?.control.focus();
      if (wrong.length > 0) return;
      answer({
        id: id.value.trim(),
        enabled: false,
        source: { kind: kind.value().trim(), ref: ref.value.trim() },
        destination: { table: table.value.trim() },
        schedule: { kind: 'every', expr: '1h' },
      });
    });
    dialog.append(form);
  });
}

function textInput(maxlength: number, placeholder: string): HTMLInputElement {
  const attributes = { autocomplete: 'off', spellcheck: 'false', autocapitalize: 'none', class: 'code' };
  return make('input', { type: 'text', maxlength, placeholder: `such as ${placeholder}`, ...attributes });
}

function problemNote(control: HTMLElement, id: string): HTMLElement {
  control.setAttribute('aria-describedby', id);
  return make('p', { class: 'bad', id, role: 'alert' });
}
