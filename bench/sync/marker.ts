// Each edit sets a field to a text that carries the edit's number, and all three subjects pass such a text on as it is: so
// readers find the edits in whatever a server made of them (alone, several in a frame) without importing them.
const PREFIX = Buffer.from('@@#');
const DIGITS = 8;
const ZERO = 48;

export function markerOf(edit: number): string {
  return `${PREFIX.toString()}${String(edit).padStart(DIGITS, '0')}`;
}

/** Calls back for each edit found in the bytes, in order. */
export function findMarkers(bytes: Buffer, found: (edit: number) => void): void {
  for (let at = bytes.indexOf(PREFIX); at >= 0; at = bytes.indexOf(PREFIX, at + PREFIX.length)) {
    let edit = 0;
    let index = at + PREFIX.length;
    const end = index + DIGITS;
    for (; index < end; index++) {
      const digit = (bytes[index] ?? 0) - ZERO;
      if (digit < 0 || digit > 9) break;
      edit = edit * 10 + digit;
    }
    if (index === end) found(edit);
  }
}
