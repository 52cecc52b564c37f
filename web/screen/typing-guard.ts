// Whoever types goes on for some letters when the field goes away under their fingers: somebody else deleted what is open, the role
// became another, a dialog closed. Those letters are no commands and press no button, until a deliberate act or a pause.

/** What stands for a field that was typed into. */
export type TypedField = { isThere(): boolean };

export type TypingGuard<Field extends TypedField> = {
  /** A key in a field. */
  typed(field: Field, at: number): void;
  /** A click, Tab, Escape: whatever comes next is meant. */
  acted(): void;
  /** Whether a key outside of all fields is the rest of what was typed into one that is gone. */
  isStray(at: number): boolean;
};

/** Who looks for letters on the keyboard takes a second for one. */
export const PAUSE_MS = 2_000;

export function createTypingGuard<Field extends TypedField>(): TypingGuard<Field> {
  let last: { field: Field; at: number } | undefined;
  return {
    typed(field, at) {
      last = { field, at };
    },
    acted() {
      last = undefined;
    },
    isStray(at) {
      if (!last) return false;
      // A field that is there still was left by somebody: the key is meant for where they are now.
      if (last.field.isThere() || at - last.at >= PAUSE_MS) {
        last = undefined;
        return false;
      }
      last.at = at;
      return true;
    },
  };
}

/** What a typing hand presses by the way, and what would be a command or press a button elsewhere. */
export function isTypingKey({
  key,
  ctrlKey,
  metaKey,
}: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey'>): boolean {
  if (ctrlKey || metaKey) return false;
  return key.length === 1 || ['Enter', 'Backspace', 'Delete'].includes(key);
}

/** Where a key was pressed: an event from within a shadow root, such as a code editor's, names its host to who listens outside. */
export function pressedIn(event: Event): EventTarget | null {
  return event.composedPath()[0] ?? event.target;
}

export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.matches('textarea, select')) return true;
  return target instanceof HTMLInputElement && !['checkbox', 'radio', 'button'].includes(target.type);
}

/** Keeps stray keys from everything on the page, until it is stopped. */
export function guardTyping(): () => void {
  const guard = createTypingGuard<TypedField>();
  const onKey = (event: KeyboardEvent): void => {
    const { key, timeStamp } = event;
    const target = pressedIn(event);
    if (key === 'Tab' || key === 'Escape') guard.acted();
    if (!isTypingKey(event)) return;
    if (isTyping(target)) {
      if (!(target instanceof HTMLElement) || isSubmit(key, target)) guard.acted();
      else guard.typed({ isThere: () => isUsable(target) }, timeStamp);
    } else if (guard.isStray(timeStamp)) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
  };
  // Before all others.
  window.addEventListener('keydown', onKey, true);
  window.addEventListener('pointerdown', guard.acted, true);
  return () => {
    window.removeEventListener('keydown', onKey, true);
    window.removeEventListener('pointerdown', guard.acted, true);
  };
}

/** Enter that sends a form, or takes what is proposed, is meant to close it. */
function isSubmit(key: string, target: HTMLElement): boolean {
  return (
    key === 'Enter' && target instanceof HTMLInputElement && target.closest('form, [role="dialog"]') !== null
  );
}

function isUsable(field: HTMLElement): boolean {
  return (
    field.isConnected &&
    field.checkVisibility() &&
    isTyping(field) &&
    !field.matches(':disabled, input:read-only, textarea:read-only, [aria-readonly="true"]')
  );
}
