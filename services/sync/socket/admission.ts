// Who may enter the rooms of a team's documents, and whether they may write.
import type { Access, Principal } from '@hakiri/authz/principal';
import { DocId, TeamId } from '@hakiri/contracts/names';
import type { ProblemCode } from '@hakiri/contracts/problem';
import type { Guard } from '@hakiri/service/guard';
import type { DocumentId } from '@hakiri/substrate/document-log';
import type { Permission } from 'loro-protocol';

export type Admission =
  | { kind: 'admitted'; principal: Principal; permission: Permission }
  /** `record` puts the attempt on record. */
  | { kind: 'refused'; code: ProblemCode; record(): void };

const TEAM = new RegExp(TeamId.pattern ?? '');
const DOC = new RegExp(DocId.pattern ?? '');

/** The document a room id names; undefined when it names none. */
export function documentOf(roomId: string): DocumentId | undefined {
  const [team = '', doc = '', ...rest] = roomId.split('/');
  return rest.length === 0 && TEAM.test(team) && DOC.test(doc) ? { team, doc } : undefined;
}

/** Only a question: nothing goes on record. */
export async function admit(guard: Guard, token: string | undefined, team: string): Promise<Admission> {
  const read: Access = { action: 'doc.read', team };
  const decision = await guard.authorize(token, read);
  if (decision.kind === 'denied')
    return { kind: 'refused', code: decision.code, record: () => guard.recordRefusal(decision, read) };
  // A membership outlives this answer, so it begins only where its end would be heard of.
  if (!(await guard.confirmed())) return { kind: 'refused', code: 'unavailable', record: () => {} };
  const write = await guard.authorize(token, { action: 'doc.write', team });
  return {
    kind: 'admitted',
    principal: decision.principal,
    permission: write.kind === 'allowed' ? 'write' : 'read',
  };
}

export type Admit = (token: string | undefined, team: string) => Promise<Admission>;

/** Asks once for each token, however many seats were taken with it. For one pass over the sockets. */
export function admitOnce(guard: Guard): Admit {
  const asked = new Map<string, Promise<Admission>>();
  return (token, team) => {
    const key = `${team} ${token ?? ''}`;
    const admission = asked.get(key) ?? admit(guard, token, team);
    asked.set(key, admission);
    return admission;
  };
}
