// The name of a variable that is being typed into a field, and what would complete it.

export type Begun = {
  /** Where the name begins, behind the brace. */
  from: number;
  typed: string;
};

const BEGUN = /\$\{([A-Za-z0-9_]*)$/;

/** Undefined where the caret is in no reference. */
export function begunVariable(text: string, caret: number): Begun | undefined {
  const typed = BEGUN.exec(text.slice(0, caret))?.[1];
  return typed === undefined ? undefined : { from: caret - typed.length, typed };
}

/** Those that begin with it first. */
export function proposedNames(names: readonly string[], typed: string, limit: number): string[] {
  const wanted = typed.toUpperCase();
  const found = names.filter((name) => name !== '' && name.toUpperCase().includes(wanted));
  const rank = (name: string): number => Number(!name.toUpperCase().startsWith(wanted));
  return found.sort((a, b) => rank(a) - rank(b)).slice(0, limit);
}

/** With the brace that ends it; `caret` is behind that. */
export function completed(
  text: string,
  { from, typed }: Begun,
  name: string,
): { text: string; caret: number } {
  const rest = text.slice(from + typed.length);
  return {
    text: `${text.slice(0, from)}${name}}${rest.startsWith('}') ? rest.slice(1) : rest}`,
    caret: from + name.length + 1,
  };
}
