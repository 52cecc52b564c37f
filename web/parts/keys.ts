// Keys that act on what is typed. One that ends what an input method composes belongs to the input method.
import type { KeyboardEvent } from 'react';

/** Safari tells the key after the composition has ended, by this code alone. */
const COMPOSING_CODE = 229;

type Pressed = Pick<KeyboardEvent, 'key'> & {
  nativeEvent: Pick<globalThis.KeyboardEvent, 'isComposing' | 'keyCode'>;
};

export function isEnter(event: Pressed): boolean {
  return event.key === 'Enter' && !isComposing(event);
}

/** Ends one word of several that are typed one after the other. */
export function isEndOfWord(event: Pressed): boolean {
  return (event.key === 'Enter' || event.key === ',') && !isComposing(event);
}

function isComposing({ nativeEvent }: Pressed): boolean {
  return nativeEvent.isComposing || nativeEvent.keyCode === COMPOSING_CODE;
}
