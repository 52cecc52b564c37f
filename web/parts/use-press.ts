// What a press or a submit begins, once: while it is under way, doing it again does nothing. What it is refused with is told, unless
// it says so itself.
import { type FormEvent, useRef, useState } from 'react';
import { announce } from './announce.ts';
import { failureSentence } from './failure.ts';

/** Runs what the press begins, and says whether it is under way. */
export function usePress<Pressed>(onPress: ((event: Pressed) => unknown) | undefined) {
  const [isBusy, setBusy] = useState(false);
  // The second press of a double one may come before the state is drawn.
  const isUnderWay = useRef(false);
  const press = (event: Pressed): void => {
    const result = isUnderWay.current ? undefined : onPress?.(event);
    if (!(result instanceof Promise)) return;
    const note = (isBusyNow: boolean): void => {
      isUnderWay.current = isBusyNow;
      setBusy(isBusyNow);
    };
    note(true);
    void told(result).finally(() => note(false));
  };
  return { isBusy, press };
}

/** Never rejects: whoever pressed hears why nothing came of it. */
export async function told(begun: unknown): Promise<void> {
  try {
    await begun;
  } catch (error) {
    announce(failureSentence(error));
  }
}

/** The same for a form. */
export function useSubmit(onSubmit: (() => unknown) | undefined) {
  const { isBusy, press } = usePress(onSubmit);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    press(event);
  };
  return { isBusy, submit };
}
