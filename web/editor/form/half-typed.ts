// What stands in a field that follows the document, while somebody may be in the middle of a value. Of a field that is written as a
// whole, what is half typed is theirs alone until they leave it: what others do to the value meanwhile does not take it away.

export type HalfTyped = {
  /** In the document. */
  there: string;
  typed: string;
  /** What stood in the field when somebody came to it, or last wrote it. */
  cameTo: string;
};

export function untouched(there: string): HalfTyped {
  return { there, typed: there, cameTo: there };
}

/** The document says something else. */
export function followed(now: HalfTyped, there: string, isWrittenWhole: boolean): HalfTyped {
  if (now.typed === now.cameTo) return untouched(there);
  return { ...now, there, ...(isWrittenWhole ? {} : { typed: there }) };
}

/** What is to be written when the field is left, or sent; undefined where nothing was typed. */
export function whole({ typed, cameTo }: HalfTyped): string | undefined {
  return typed === cameTo ? undefined : typed.trim();
}

export function written(now: HalfTyped, value: string): HalfTyped {
  return { ...now, typed: value, cameTo: value };
}
