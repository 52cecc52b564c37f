// Where the focus goes when somebody takes something out of a list and its button goes with it: to the one that stands in its place
// now, else to the one before, else to where one is added. On the body it would be at the top of the page again.
import { type MouseEvent, type RefObject, useLayoutEffect, useRef } from 'react';

/** `left`: how many there are now. Undefined: to where one is added. */
export function placeAfter(removed: number, left: number): number | undefined {
  return left === 0 ? undefined : Math.min(removed, left - 1);
}

/**
 * Spread what it gives into what holds the list. There each button that takes one out (or leads to that) has `data-remove`, and
 * where one is added `data-add`.
 */
export function useRemovalFocus<Holder extends HTMLElement>(
  count: number,
): { ref: RefObject<Holder | null>; 'data-removals': ''; onClickCapture(event: MouseEvent): void } {
  const ref = useRef<Holder>(null);
  const pressed = useRef<number>(undefined);
  const before = useRef(count);
  useLayoutEffect(() => {
    const isLess = count < before.current;
    before.current = count;
    const removed = pressed.current;
    if (!isLess || removed === undefined || !ref.current) return;
    pressed.current = undefined;
    if (!isLost()) return;
    const buttons = removers(ref.current);
    const place = placeAfter(removed, buttons.length);
    const next = place === undefined ? own(ref.current, '[data-add]')[0] : buttons[place];
    if (next instanceof HTMLElement) next.focus();
  }, [count]);
  return {
    ref,
    'data-removals': '',
    onClickCapture({ target }) {
      if (!(target instanceof Element) || !ref.current) return;
      const button = target.closest('[data-remove]');
      // What is pressed in a dialog or a menu of the list comes by here, too.
      const place = button ? removers(ref.current).indexOf(button) : -1;
      if (place >= 0) pressed.current = place;
    },
  };
}

function removers(holder: HTMLElement): Element[] {
  return own(holder, '[data-remove]');
}

/** Not those of a list within it. */
function own(holder: HTMLElement, selector: string): Element[] {
  return [...holder.querySelectorAll(selector)].filter((one) => one.closest('[data-removals]') === holder);
}

/** On nothing, or in a dialog that has asked about it and goes. */
function isLost(): boolean {
  const { activeElement } = document;
  return (
    activeElement === null ||
    activeElement === document.body ||
    activeElement.closest('[role="dialog"]') !== null
  );
}
