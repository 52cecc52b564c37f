// Puts the cursor into the field that the address names, once: `?field=schedule/expr`.
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type RefObject, useEffect } from 'react';
import { fieldAt } from './field-names.ts';

export function useFieldJump(form: RefObject<HTMLElement | null>): void {
  const search: { field?: unknown } = useSearch({ strict: false });
  const navigate = useNavigate();
  const field = typeof search.field === 'string' ? search.field : undefined;
  useEffect(() => {
    if (field === undefined || !form.current) return;
    const control = controlOf(form.current, fieldAt(field));
    control?.scrollIntoView({ block: 'center' });
    control?.focus({ preventScroll: true });
    // Gone through, so that the same place can be asked for again.
    void navigate({
      to: '.',
      replace: true,
      search: ({ field: _, ...rest }: Record<string, unknown>) => rest,
    });
  }, [field, form, navigate]);
}

/** The field itself, or what it is in: of `transforms/2/body` the transforms. */
function controlOf(form: HTMLElement, field: string): HTMLElement | null {
  const parts = field.split('/');
  for (let length = parts.length; length > 0; length -= 1) {
    const found = form.querySelector(`[data-field="${CSS.escape(parts.slice(0, length).join('/'))}"]`);
    if (found instanceof HTMLElement) return found;
  }
  return null;
}
