// Entries as plain fields, for the model: what differs between two, and one field put in the place of another.
export type Fields = { [field: string]: unknown };
export type FieldDifference = { path: string; before?: unknown; after?: unknown };

export function isEqual(a: unknown, b: unknown): boolean {
  return sorted(a) === sorted(b);
}

/** Where both have something with fields of its own, those are told; else the whole. Steps go by their key. */
export function differing(before: unknown, after: unknown, path = ''): FieldDifference[] {
  if (path === '/transforms') return differing(byKey(before), byKey(after), '/transforms/');
  if (isFields(before) && isFields(after))
    return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((name) =>
      differing(before[name], after[name], `${path === '/transforms/' ? '/transforms' : path}/${name}`),
    );
  if (isEqual(before, after)) return [];
  return [{ path, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) }];
}

function byKey(steps: unknown): Fields {
  return Object.fromEntries(Array.isArray(steps) ? steps.map((step) => [step.key, step]) : []);
}

export function put(now: Fields, live: Fields, [field = '', ...rest]: readonly string[]): void {
  const [inner, before] = [now[field], live[field]];
  if (rest.length > 0 && isFields(inner)) put(inner, isFields(before) ? before : {}, rest);
  else if (before === undefined) delete now[field];
  else now[field] = clone(before);
}

export function sorted(value: unknown): string {
  return (
    JSON.stringify(value, (_, inner: unknown) =>
      isFields(inner)
        ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
        : inner,
    ) ?? 'undefined'
  );
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function clone<T>(value: T): T {
  return structuredClone(value);
}
