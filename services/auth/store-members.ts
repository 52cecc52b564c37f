// Rows of teams, members and the links that lead into them.
import type { Orm, Statement } from '@hakiri/substrate/libsql/database';
import { and, asc, count, eq, gt, isNull, or } from 'drizzle-orm';
import type { MemberState } from './membership.ts';
import { links, members, teams } from './schema.ts';

export type MemberRow = typeof members.$inferSelect;
export type LinkRow = typeof links.$inferSelect;

export async function hasTeam(orm: Orm, team: string): Promise<boolean> {
  return (await orm.select().from(teams).where(eq(teams.id, team)).limit(1)).length > 0;
}

export async function countTeams(orm: Orm): Promise<number> {
  const [row] = await orm.select({ teams: count() }).from(teams);
  return row?.teams ?? 0;
}

export function insertTeam(orm: Orm, team: string, nowMs: number): Statement {
  return orm.insert(teams).values({ id: team, createdAtMs: nowMs });
}

export async function findMember(orm: Orm, team: string, user: string): Promise<MemberRow | undefined> {
  const [row] = await orm
    .select()
    .from(members)
    .where(and(eq(members.team, team), eq(members.user, user)))
    .limit(1);
  return row;
}

export function listMembers(orm: Orm, team: string): Promise<MemberRow[]> {
  return orm
    .select()
    .from(members)
    .where(eq(members.team, team))
    .orderBy(asc(members.sinceMs), asc(members.user));
}

export async function countMembers(orm: Orm, team: string): Promise<number> {
  const [row] = await orm.select({ members: count() }).from(members).where(eq(members.team, team));
  return row?.members ?? 0;
}

export async function countOwners(orm: Orm, team: string): Promise<number> {
  const [row] = await orm
    .select({ owners: count() })
    .from(members)
    .where(and(eq(members.team, team), eq(members.role, 'owner')));
  return row?.owners ?? 0;
}

export function insertMember(orm: Orm, row: MemberRow): Statement {
  return orm.insert(members).values(row);
}

export function updateMember(orm: Orm, team: string, { user, name, role }: MemberState): Statement {
  return orm
    .update(members)
    .set({ name, role })
    .where(and(eq(members.team, team), eq(members.user, user)));
}

export function deleteMember(orm: Orm, team: string, user: string): Statement {
  return orm.delete(members).where(and(eq(members.team, team), eq(members.user, user)));
}

export async function findLink(orm: Orm, codeHash: string): Promise<LinkRow | undefined> {
  const [row] = await orm.select().from(links).where(eq(links.codeHash, codeHash)).limit(1);
  return row;
}

export async function countLinks(orm: Orm, team: string, nowMs: number): Promise<number> {
  const [row] = await orm
    .select({ links: count() })
    .from(links)
    .where(and(eq(links.team, team), gt(links.expiresAtMs, nowMs)));
  return row?.links ?? 0;
}

/** Invitations that may still be redeemed, the first to expire first. */
export function listInvitations(orm: Orm, team: string, nowMs: number): Promise<LinkRow[]> {
  return orm
    .select()
    .from(links)
    .where(and(eq(links.team, team), isNull(links.user), gt(links.expiresAtMs, nowMs)))
    .orderBy(asc(links.expiresAtMs), asc(links.codeHash));
}

export function insertLink(orm: Orm, row: LinkRow): Statement {
  return orm.insert(links).values(row);
}

export function deleteLink(orm: Orm, codeHash: string): Statement {
  return orm.delete(links).where(eq(links.codeHash, codeHash));
}

/** What a member made, and what leads to them: neither outlives a change of their role. */
export function deleteLinksOf(orm: Orm, team: string, user: string): Statement {
  return orm
    .delete(links)
    .where(and(eq(links.team, team), or(eq(links.createdBy, user), eq(links.user, user))));
}
