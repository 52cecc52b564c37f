// Making elements, and keeping a field in step with a text that others change too.

type Attributes = Record<string, string | number | boolean | undefined>;

/** `false` and undefined leave an attribute out, `true` sets it empty. Text is text: nothing here parses HTML. */
export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, '');
    else if (value !== undefined && value !== false) element.setAttribute(name, String(value));
  }
  element.append(...children);
  return element;
}

export function button(
  label: string,
  onClick: () => unknown,
  attributes: Attributes = {},
): HTMLButtonElement {
  const element = make('button', { type: 'button', ...attributes }, label);
  element.addEventListener('click', () => void onClick());
  return element;
}

let labels = 0;
/** A label above a control; `note` is where a remark about the field appears. */
export function labelled(text: string, control: HTMLElement, note?: HTMLElement): HTMLElement {
  labels += 1;
  control.id = `field-${labels}`;
  return make(
    'div',
    { class: 'field' },
    make('label', { for: control.id }, text),
    ...(note ? [note] : []),
    control,
  );
}

export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** A long word may go on in the next line behind its separators, and nowhere else. */
export function setBreakable(element: Element, text: string): void {
  if (element.textContent === text) return;
  const parts = text.split(/(?<=[/:._])/);
  element.replaceChildren(...parts.flatMap((part, index) => (index === 0 ? [part] : [make('wbr'), part])));
}

/** Shows `value` in the field; a caret inside stays beside the characters it stood between. */
export function showValue(input: HTMLInputElement | HTMLTextAreaElement, value: string): void {
  const before = input.value;
  if (before === value) return;
  const { selectionStart, selectionEnd } = input;
  input.value = value;
  if (document.activeElement !== input || selectionStart === null || selectionEnd === null) return;
  input.setSelectionRange(movedCaret(before, value, selectionStart), movedCaret(before, value, selectionEnd));
}

/** Where a caret at `at` in `before` belongs in `after`: what changed is between their common beginning and end. */
export function movedCaret(before: string, after: string, at: number): number {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start += 1;
  if (at <= start) return at;
  let end = 0;
  while (end < Math.min(before.length, after.length) - start && before.at(-1 - end) === after.at(-1 - end))
    end += 1;
  return at >= before.length - end ? at + after.length - before.length : Math.min(at, after.length - end);
}

const NEWS_SHOWN_MS = 6_000;

/** One line of news, read aloud by screen readers, that goes by itself. */
export function announce(text: string): void {
  const line = make('p', {}, text);
  document.getElementById('news')?.append(line);
  setTimeout(() => line.remove(), NEWS_SHOWN_MS);
}
