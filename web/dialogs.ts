// Small questions in a dialog of the browser's own: they keep the focus inside, and Escape answers no.
import { button, labelled, make } from './dom.ts';

export function confirmDialog(question: string, yes: string): Promise<boolean> {
  return ask<boolean>((dialog, answer) => {
    dialog.append(
      make('p', {}, question),
      make(
        'div',
        { class: 'actions' },
        button('Cancel', () => answer(false)),
        button(yes, () => answer(true), { class: 'danger' }),
      ),
    );
  }).then((value) => value ?? false);
}

export type Question = { name: string; label: string };

/** Undefined when cancelled. */
export function formDialog(
  title: string,
  questions: readonly Question[],
  yes: string,
  choices: readonly { name: string; label: string; options: readonly string[] }[] = [],
): Promise<Record<string, string> | undefined> {
  return ask((dialog, answer) => {
    const inputs = questions.map(({ name }) =>
      make('input', { type: 'text', name, required: true, maxlength: 100, autocomplete: 'off' }),
    );
    const selects = choices.map(({ name, options }) =>
      make('select', { name }, ...options.map((option) => make('option', { value: option }, option))),
    );
    const form = make(
      'form',
      { method: 'dialog' },
      make('h2', {}, title),
      ...inputs.map((input, index) => labelled(questions[index]?.label ?? '', input)),
      ...selects.map((select, index) => labelled(choices[index]?.label ?? '', select)),
      make(
        'div',
        { class: 'actions' },
        button('Cancel', () => answer(undefined)),
        make('button', { type: 'submit', class: 'primary' }, yes),
      ),
    );
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      answer(Object.fromEntries([...inputs, ...selects].map(({ name, value }) => [name, value.trim()])));
    });
    dialog.append(form);
  });
}

/** Shows a text to copy, such as a link. */
export function copyDialog(title: string, text: string, explanation: string): Promise<unknown> {
  return ask((dialog, answer) => {
    const output = make('input', {
      type: 'text',
      readonly: true,
      value: text,
      class: 'code',
      'aria-label': title,
    });
    const copy = button(
      'Copy',
      async () => {
        output.select();
        await navigator.clipboard?.writeText(text).catch(() => {});
        copy.textContent = 'Copied';
      },
      { class: 'primary' },
    );
    const close = button('Close', () => answer(undefined));
    dialog.append(make('h2', {}, title), output, make('p', { class: 'hint' }, explanation));
    dialog.append(make('div', { class: 'actions' }, close, copy));
  });
}

/** `fill` puts the question into the dialog. Undefined when it was closed without an answer. */
export function ask<Value>(
  fill: (dialog: HTMLDialogElement, answer: (value: Value | undefined) => void) => void,
): Promise<Value | undefined> {
  return new Promise((resolve) => {
    const dialog = make('dialog');
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(undefined);
    });
    fill(dialog, (value) => {
      resolve(value);
      dialog.close();
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
