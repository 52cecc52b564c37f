// Anything that may stand in a field, as a text that an input can show.

/** What is no text is shown as JSON; nothing is ''. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === undefined || value === null) return '';
  return String(
    value instanceof Object && 'toString' in value && isText(value) ? value : JSON.stringify(value),
  );
}

/** A text of the document, whose letters several people may edit. */
function isText(value: object): boolean {
  return 'kind' in value && typeof value.kind === 'function' && value.kind() === 'Text';
}
