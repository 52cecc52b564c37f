// The kind of a source: one of those that the reference node reads, or the name of another.
import { labelled, make, showValue } from './dom.ts';

const KNOWN = {
  'csv-file': 'CSV file',
  'json-file': 'JSON file',
  'http-json': 'JSON over HTTP',
} as const;
const OTHER = 'other';

export function createSourceKind(options: {
  disabled?: boolean;
  note?: HTMLElement;
  onInput?(kind: string): void;
}) {
  const { disabled = false, onInput } = options;
  const select = make(
    'select',
    { disabled },
    ...Object.entries(KNOWN).map(([value, text]) => make('option', { value }, text)),
    make('option', { value: OTHER }, 'another kind'),
  );
  const name = make('input', {
    type: 'text',
    maxlength: 60,
    autocomplete: 'off',
    spellcheck: 'false',
    class: 'code',
    disabled,
  });
  const other = labelled('Name of the kind', name);
  const value = (): string => (select.value === OTHER ? name.value : select.value);
  select.addEventListener('change', () => {
    other.hidden = select.value !== OTHER;
    name.value = '';
    // Written first: moving the focus shows again what the document holds.
    onInput?.(value());
    if (select.value === OTHER) name.focus();
  });
  name.addEventListener('input', () => onInput?.(value()));
  other.hidden = true;

  return {
    elements: [labelled('Source kind', select, options.note), other],
    controls: [select, name],
    value,
    focus: (): void => (select.value === OTHER ? name : select).focus(),
    show(kind: string): void {
      const isKnown = Object.hasOwn(KNOWN, kind);
      select.value = isKnown ? kind : OTHER;
      other.hidden = isKnown;
      showValue(name, isKnown ? '' : kind);
    },
  };
}
