// An input over a text that others change too: what is typed is written at each key, what others write is shown at once, the caret
// stays beside the characters it stood between, and nothing is shown over what an input method is composing.
import { type ComponentProps, type RefObject, useCallback, useLayoutEffect, useRef, useState } from 'react';
import { afterPaint } from '../../live/after-paint.ts';
import { movedCaret } from './typed-text.ts';

type Control = HTMLInputElement | HTMLTextAreaElement;
export type Typed<Element extends Control> = {
  ref: RefObject<Element | null>;
  defaultValue: string;
} & Required<
  Pick<
    ComponentProps<'input'> & ComponentProps<'textarea'>,
    'onInput' | 'onCompositionStart' | 'onCompositionEnd'
  >
>;

/** `write` is told what stood in the input before, of which `typed` was made. Spread what it gives into an input. */
export function useTyped<Element extends Control>(
  value: string,
  write: (typed: string, shown: string) => void,
): Typed<Element> {
  const ref = useRef<Element>(null);
  const shown = useRef(value);
  const latest = useRef(value);
  const isComposing = useRef(false);
  const [first] = useState(value);

  const show = useCallback((): void => {
    const input = ref.current;
    if (!input || isComposing.current) return;
    showText(input, latest.current);
    shown.current = latest.current;
  }, []);
  useLayoutEffect(() => {
    latest.current = value;
    show();
  }, [value, show]);

  return {
    ref,
    defaultValue: first,
    onInput: ({ currentTarget: { value: typed } }) => {
      const before = shown.current;
      shown.current = typed;
      write(typed, before);
    },
    onCompositionStart: () => {
      isComposing.current = true;
    },
    onCompositionEnd: () => {
      isComposing.current = false;
      // What was composed reaches the draft after the next frame; this comes behind it.
      afterPaint(show);
    },
  };
}

function showText(input: Control, text: string): void {
  const before = input.value;
  if (before === text) return;
  const { selectionStart, selectionEnd } = input;
  input.value = text;
  if (document.activeElement !== input || selectionStart === null || selectionEnd === null) return;
  input.setSelectionRange(movedCaret(before, text, selectionStart), movedCaret(before, text, selectionEnd));
}
