// What every reader of a value reads as the same: JSON, TOML, the document and JavaScript agree on less than each of them takes.
import { isRecord } from './json.ts';

/** `number`: not finite, or whole and beyond 2^53 − 1. `text`: half a character. `name`: one that JavaScript keeps for itself. */
export type Unportable = { path: string; kind: 'number' | 'text' | 'name' };

const DEPTH_LIMIT = 64;
const FOUND_LIMIT = 100;

/** Each place with its JSON pointer, at most FOUND_LIMIT; deeper than DEPTH_LIMIT nobody looks. */
export function unportable(value: unknown, path = ''): Unportable[] {
  const found: Unportable[] = [];
  // Most values are: pointers are only made for one that is not.
  if (!isPortable(value, 0)) look(value, path, 0, found);
  return found;
}

function isPortable(value: unknown, depth: number): boolean {
  if (depth > DEPTH_LIMIT) return true;
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value === 'number') return isPortableNumber(value);
  if (Array.isArray(value)) return value.every((item) => isPortable(item, depth + 1));
  if (!isRecord(value)) return true;
  for (const name of Object.keys(value))
    if (name === '__proto__' || !name.isWellFormed() || !isPortable(value[name], depth + 1)) return false;
  return true;
}

function look(value: unknown, path: string, depth: number, found: Unportable[]): void {
  if (found.length >= FOUND_LIMIT || depth > DEPTH_LIMIT) return;
  if (typeof value === 'string') {
    if (!value.isWellFormed()) found.push({ path, kind: 'text' });
  } else if (typeof value === 'number') {
    if (!isPortableNumber(value)) found.push({ path, kind: 'number' });
  } else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) look(item, `${path}/${index}`, depth + 1, found);
  } else if (isRecord(value)) {
    for (const [name, item] of Object.entries(value)) {
      const at = `${path}/${name.toWellFormed().replaceAll('~', '~0').replaceAll('/', '~1')}`;
      if (name === '__proto__') found.push({ path: at, kind: 'name' });
      else if (!name.isWellFormed()) found.push({ path: at, kind: 'text' });
      look(item, at, depth + 1, found);
    }
  }
}

/** Of a fraction a few last digits are nobody's identity; of a whole number they are. */
function isPortableNumber(value: number): boolean {
  return Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
}
