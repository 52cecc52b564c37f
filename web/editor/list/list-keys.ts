// What a key does in the list, while the list has the focus.

export type ListStep =
  | { kind: 'move'; by: number; extend: boolean }
  | { kind: 'open' | 'toggle' | 'all' | 'none' };

type Pressed = { key: string; shiftKey: boolean; ctrlKey: boolean; metaKey: boolean; altKey: boolean };

/** Undefined: the key is somebody else's. `page` is how many rows are in sight. */
export function listStep(
  { key, shiftKey, ctrlKey, metaKey, altKey }: Pressed,
  { page, count }: { page: number; count: number },
): ListStep | undefined {
  const isMod = ctrlKey || metaKey;
  if (altKey) return undefined;
  if (isMod && key.toLowerCase() === 'a' && !shiftKey) return { kind: 'all' };
  if (isMod) return undefined;
  const move = (by: number): ListStep => ({ kind: 'move', by, extend: shiftKey });
  switch (key) {
    case 'ArrowDown':
      return move(1);
    case 'ArrowUp':
      return move(-1);
    case 'PageDown':
      return move(page);
    case 'PageUp':
      return move(-page);
    case 'Home':
      return move(-count);
    case 'End':
      return move(count);
    case 'Enter':
      return { kind: 'open' };
    case ' ':
      return { kind: 'toggle' };
    case 'Escape':
      return { kind: 'none' };
    default:
      return undefined;
  }
}
