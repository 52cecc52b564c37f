// The bodies that the database keeps: of the revision that is on its way and of the newest, in rows of their own.
import { utf8 } from '@hakiri/base/bytes';
import type { Orm } from '@hakiri/substrate/libsql/database';
import { and, eq } from 'drizzle-orm';
import { unpack } from '../publish/packed.ts';
import { bodies, revisions } from './schema.ts';

/** Undefined when the blob store alone has it. */
export async function readBody(orm: Orm, team: string, sequence: number): Promise<Uint8Array | undefined> {
  const kept = await orm
    .select({ packed: bodies.packed })
    .from(bodies)
    .where(and(eq(bodies.team, team), eq(bodies.sequence, sequence)))
    .get();
  if (kept !== undefined) return unpack(kept.packed);
  const before = await orm
    .select({ body: revisions.body })
    .from(revisions)
    .where(and(eq(revisions.team, team), eq(revisions.sequence, sequence)))
    .get();
  return typeof before?.body === 'string' ? utf8(before.body) : undefined;
}
