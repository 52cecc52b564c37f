// The list's commands, for the palette, the list of shortcuts and the keys. Those that a focused list handles itself are listed too.

import { announce } from '../../parts/announce.ts';
import { type Command, useCommands } from '../../screen/commands.ts';
import { useSession } from '../../screen/context.ts';
import { strings } from '../../strings/strings.ts';
import type { ListActions } from './use-actions.ts';

const text = strings.list;

export function useListCommands(options: {
  canEdit: boolean;
  targets(): readonly string[];
  actions: ListActions;
  create(): void;
  move(): void;
  remove(): void;
  apply(): void;
  toSearch(): void;
  /** What the focused list does by itself. */
  own: Record<'next' | 'previous' | 'open' | 'choose' | 'chooseMore' | 'chooseAll', () => void>;
}): void {
  const { canEdit, targets, actions, own } = options;
  const mayApply = useSession().may('manifest.apply');
  const on = (act: (keys: readonly string[]) => void) => (): void => {
    const keys = targets();
    if (keys.length > 0) act(keys);
    else announce(text.keys.noTarget);
  };
  const editing: Command[] = [
    { id: 'pipeline.new', label: text.create.button, keys: 'c', run: options.create },
    { id: 'pipeline.toggle', label: text.keys.toggle, keys: 'e', isFor: isList, run: on(actions.toggle) },
    { id: 'pipeline.move', label: text.keys.move, keys: 'm', isFor: isList, run: on(options.move) },
    {
      id: 'pipeline.delete',
      label: text.keys.delete,
      keys: 'Delete',
      isFor: isList,
      run: on(options.remove),
    },
  ];
  const inList = (name: keyof typeof own, keys: string): Command => ({
    id: `list.${name}`,
    label: text.keys[name],
    keys,
    isFor: () => false,
    run: own[name],
  });
  useCommands([
    { id: 'list.search', label: text.keys.search, keys: '/', run: options.toSearch },
    ...(mayApply
      ? [{ id: 'list.apply', label: text.bulk.apply, keys: 'a', isFor: isList, run: on(options.apply) }]
      : []),
    ...(canEdit ? editing : []),
    inList('next', 'ArrowDown'),
    inList('previous', 'ArrowUp'),
    inList('open', 'Enter'),
    inList('choose', 'Space'),
    inList('chooseMore', 'Shift+ArrowDown'),
    inList('chooseAll', 'Mod+a'),
  ]);
}

/** A key that was meant for a group or for a field of the form must not delete a pipeline. */
function isList(target: EventTarget | null): boolean {
  return !(target instanceof Element) || target === document.body || target.closest('[data-list]') !== null;
}
