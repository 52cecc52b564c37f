// Loro values as JSON values. A client can write what JSON cannot say (binary, infinity) or what is too deep to walk;
// readers turn that into null, so a draft is always JSON and validation is who complains.
import { isRecord, type Json } from '@hakiri/base/json';

const DEPTH_LIMIT = 16;

export function plain(value: unknown, depth = 0): Json {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'string') return value.toWellFormed();
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (depth === DEPTH_LIMIT || value instanceof Uint8Array) return null;
  if (Array.isArray(value)) return value.map((item) => plain(item, depth + 1));
  if (isRecord(value)) return plainRecord(value, depth);
  return null;
}

/** Own entries alone, keys sorted; anything but a record is an empty one. `undefined` and null mean absent. */
export function plainRecord(value: unknown, depth = 0): { [key: string]: Json } {
  if (!isRecord(value)) return {};
  const record: { [key: string]: Json } = {};
  for (const key of Object.keys(value).sort()) {
    const item = plain(value[key], depth + 1);
    // Assigned, that name would change what the record inherits.
    if (key === '__proto__')
      Object.defineProperty(record, key, {
        value: item,
        enumerable: true,
        configurable: true,
        writable: true,
      });
    else record[key] = item;
  }
  return record;
}
