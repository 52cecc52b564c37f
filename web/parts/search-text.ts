// Text that an address asks for: the router reads `?find=42` as a number and `?find=true` as a truth.

const LIMIT_CHARS = 200;

/** What makes no sense, or is longer than anybody looks for, is as if it were not there. */
export function searchText(value: unknown): string | undefined {
  const text = typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
  return typeof text === 'string' && text !== '' && text.length <= LIMIT_CHARS ? text : undefined;
}
