// Versions as Loro takes them. Apart from version.ts, which is also for threads that have no document: Loro itself is loaded with
// this, some 30 MB.
import { VersionVector } from 'loro-crdt';
import type { Version } from './version.ts';

export function toVersionVector(version: Version): VersionVector {
  return new VersionVector(new Map(version));
}
