// What is typed on after the key of something that takes the focus, until its field has it: those letters are meant for it, and
// would else run commands or land in the field that somebody came from.

/** What does not come is waited for no longer. */
const HOLD_MS = 5_000;

type Letter = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'isComposing'>;

/** The text after the key; undefined for a key that types nothing. Enter is nothing yet: there is no list to choose from. */
export function typedOn(text: string, letter: Letter): string | undefined {
  const { key, ctrlKey, metaKey, altKey, isComposing } = letter;
  if (ctrlKey || metaKey || altKey || isComposing) return undefined;
  if (key === 'Backspace') return text.slice(0, -1);
  if (key === 'Enter') return text;
  return key.length === 1 ? text + key : undefined;
}

let release: (() => string) | undefined;

export function holdTyping(): void {
  release?.();
  let text = '';
  const onKey = (event: KeyboardEvent): void => {
    const next = typedOn(text, event);
    if (next === undefined) return;
    text = next;
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  const stop = (): string => {
    clearTimeout(timer);
    window.removeEventListener('keydown', onKey, true);
    release = undefined;
    return text;
  };
  const timer = setTimeout(stop, HOLD_MS);
  window.addEventListener('keydown', onKey, true);
  release = stop;
}

/** What was typed meanwhile; from now on letters go where the focus is. */
export function takeTyped(): string {
  return release?.() ?? '';
}
