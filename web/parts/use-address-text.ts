// The words of a search that stand in the address, so that they can be sent to somebody. What is typed gets there a moment later, as
// an address for each letter would be slow, and a field that showed the address would lose letters' places meanwhile.
import { useEffect, useRef, useState } from 'react';
import { createStore, type WritableStore } from '../live/store.ts';
import { useStableCallback } from './use-stable-callback.ts';

const ADDRESS_AFTER_MS = 400;

export type AddressText = {
  typed: WritableStore<string>;
  type(words: string): void;
  /** The address is about to have these words, by a way of its own. */
  sent(words: string): void;
};

/** `named` is what the address has; `toAddress` is called some time after the last letter. What it gives to do is always the same. */
export function useAddressText(named: string, toAddress: (words: string) => void): AddressText {
  const [typed] = useState(() => createStore(named));
  /** The words that the address has, or is about to have. */
  const known = useRef(named);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const sent = useStableCallback((words: string): void => {
    clearTimeout(timer.current);
    known.current = words;
  });
  // By a link or the way back; what was typed here gets there by itself, and letters may follow it meanwhile.
  useEffect(() => {
    if (named === known.current) return;
    sent(named);
    typed.set(named);
  }, [named, typed, sent]);
  const send = useStableCallback((): void => {
    const words = typed.get().trim();
    sent(words);
    toAddress(words);
  });
  const type = useStableCallback((words: string): void => {
    typed.set(words);
    clearTimeout(timer.current);
    timer.current = setTimeout(send, ADDRESS_AFTER_MS);
  });
  return { typed, type, sent };
}
