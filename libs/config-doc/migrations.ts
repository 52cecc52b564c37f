// The shape of the document through time. The owner alone runs the steps, when it loads a document and before anybody joins; clients
// never do. A new document is version 0 and takes the same way. docs/migrate.md says how a step is added.
import { assert } from '@hakiri/base/assert';
import type { LoroDoc } from 'loro-crdt';
import { initDocument, metaOf, schemaVersionOf } from './schema.ts';
import { SCHEMA_VERSION_FIELD } from './shape.ts';

/**
 * `run` leaves committing to the caller and does nothing where it was done before: two owners may each run it, and their
 * documents merge. So it sets plain values in maps by what is there and nothing else (not the time, not a new key), deletes, and
 * adds containers by `ensureMergeable…`; it never writes into a text or a list, which would hold it twice.
 */
export type Migration = {
  to: number;
  /** An expanding step leaves what older clients read; a contracting one takes it away, a deploy later. */
  phase: 'expand' | 'contract';
  run(doc: LoroDoc): void;
};

/** Without a gap, from 1 up. A step that was released is never changed. */
export const MIGRATIONS: readonly Migration[] = [{ to: 1, phase: 'expand', run: initDocument }];

export type Migrated =
  | { kind: 'current'; version: number }
  /** In one commit; what is in the document since is to be logged as the owner's edit. */
  | { kind: 'migrated'; from: number; to: number }
  /** Written by newer code: it must not be opened with this. Nothing was changed. */
  | { kind: 'too_new'; version: number; supported: number };

/** @throws what a step throws: the document must not be used any more, and nothing of it was logged. */
export function migrate(doc: LoroDoc, migrations: readonly Migration[] = MIGRATIONS): Migrated {
  assert(
    migrations.every(({ to }, index) => to === index + 1),
    'migrations go from 1 up without a gap',
  );
  const supported = migrations.length;
  const from = currentVersion(doc);
  if (from > supported) return { kind: 'too_new', version: from, supported };
  if (from === supported) return { kind: 'current', version: from };
  for (const { to, run } of migrations.slice(from)) {
    run(doc);
    // Each step of its own: on a document that stopped half-way the next one goes on from here.
    metaOf(doc).set(SCHEMA_VERSION_FIELD, to);
  }
  doc.commit({ origin: 'migration' });
  return { kind: 'migrated', from, to: supported };
}

/** What is no version counts as none: the steps do nothing where they were done. */
function currentVersion(doc: LoroDoc): number {
  const version = schemaVersionOf(doc);
  return version !== undefined && Number.isSafeInteger(version) && version > 0 ? version : 0;
}
