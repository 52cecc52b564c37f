// What somebody gave at the door: a whole link or its code alone, and whether it can be one at all.

/** As the server takes it. */
export const CODE_MIN = 16;
const CODE_LIMIT = 200;

export function codeOfLink(given: string): string {
  return given.trim().replace(/^.*#code=/, '');
}

export function notACode(code: string): 'cut' | 'too_long' | undefined {
  if (code.length < CODE_MIN) return 'cut';
  return code.length > CODE_LIMIT ? 'too_long' : undefined;
}
