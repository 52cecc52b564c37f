// What can be done by key or by name: screens register their commands while they are shown, and the palette, the list of shortcuts
// and the key handler all read them from here.
import { useLayoutEffect, useRef } from 'react';
import { createStore } from '../live/store.ts';
import { told } from '../parts/use-press.ts';
import { sameKeys } from './same-keys.ts';
import { guardTyping, isTyping, pressedIn } from './typing-guard.ts';

export type Command = {
  /** Also what it is called in tests and in the list: `pipeline.new`. */
  id: string;
  label: string;
  /** `c`, `g p` (one after the other), `Mod+k` (Ctrl, on a Mac Command). */
  keys?: string;
  /** Whether a press of the keys there is meant for it; otherwise the browser's own meaning stands. */
  isFor?(target: EventTarget | null): boolean;
  run(): unknown;
};

export const commands = createStore<readonly Command[]>([]);

/** For as long as the component is shown, from the moment it is seen. What `run` closes over may change freely. */
export function useCommands(list: readonly Command[]): void {
  const latest = useRef(list);
  latest.current = list;
  const names = list.map(({ id, label, keys }) => `${id}\n${label}\n${keys ?? ''}`).join('\n\n');
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is registered changes when one of the names does
  useLayoutEffect(() => {
    const mine = latest.current.map((command, index) => ({
      ...command,
      run: () => latest.current[index]?.run(),
    }));
    commands.set([...commands.get(), ...mine]);
    // Nothing that people could do about; the tests hear of it, as what a page throws fails them.
    for (const said of sameKeys(commands.get())) reportError(new Error(said));
    return () => commands.set(commands.get().filter((command) => !mine.includes(command)));
  }, [names]);
}

const SEQUENCE_MS = 1_000;
/** Types nothing anywhere. */
const FUNCTION_KEY = /^F\d+$/;
export const isMac = /Mac|iPhone|iPad/.test(navigator.platform);

/** Runs commands by their keys, until it is stopped. Plain letters do nothing while somebody types, nor right after the field is gone. */
export function listenToKeys(): () => void {
  let before: { key: string; at: number } | undefined;
  const onKey = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.isComposing) return;
    const mod = isMac ? event.metaKey : event.ctrlKey;
    const other = isMac ? event.ctrlKey : event.metaKey;
    if (other || event.altKey) return;
    const isBusy =
      isTyping(pressedIn(event)) || document.querySelector('[role="dialog"]:not([hidden])') !== null;
    if (!mod && isBusy && !FUNCTION_KEY.test(event.key)) return;
    const key =
      (mod ? 'Mod+' : '') +
      (mod && event.shiftKey ? 'Shift+' : '') +
      (event.key.length === 1 && mod ? event.key.toLowerCase() : event.key);
    const isSequence = before !== undefined && event.timeStamp - before.at < SEQUENCE_MS;
    const tried = isSequence ? [`${before?.key} ${key}`, key] : [key];
    before = { key, at: event.timeStamp };
    // Two keys, one after the other, mean more than the second alone. What was registered last is nearest to what is looked at.
    const command = tried
      .map((wanted) =>
        commands
          .get()
          .findLast(({ keys, isFor }) => keys === wanted && (isFor === undefined || isFor(event.target))),
      )
      .find((found) => found !== undefined);
    if (!command) return;
    before = undefined;
    event.preventDefault();
    void told(command.run());
  };
  const unguard = guardTyping();
  document.addEventListener('keydown', onKey);
  return () => {
    unguard();
    document.removeEventListener('keydown', onKey);
  };
}

const KEY_SIGNS: Readonly<Record<string, string>> = {
  Mod: isMac ? '⌘' : 'Ctrl',
  Shift: isMac ? '⇧' : 'Shift',
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
  Delete: 'Del',
  Escape: 'Esc',
};

/** As people write it: `Ctrl K`, `⌘ K`, `G then P`. */
export function keysText(keys: string): string[] {
  return keys.split(/[ +]/).map((key) => KEY_SIGNS[key] ?? (key.length === 1 ? key.toUpperCase() : key));
}
