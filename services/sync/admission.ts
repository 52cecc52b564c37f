// Who may enter the rooms of a team's documents, and whether they may write.
import type { Access, Decision, Principal } from '@hakiri/authz/principal';
import { DocId, TeamId } from '@hakiri/contracts/names';
import type { ProblemCode } from '@hakiri/contracts/problem';
import type { Guard } from '@hakiri/service/guard';
import type { DocumentId } from '@hakiri/substrate/document-log';
import type { Permission } from 'loro-protocol';

export type Admission =
  | { kind: 'admitted'; principal: Principal; permission: Permission }
  | { kind: 'refused'; code: ProblemCode; decision: Decision };

export const READ: Access = { action: 'doc.read' };
const WRITE: Access = { action: 'doc.write' };
const TEAM = new RegExp(TeamId.pattern ?? '');
const DOC = new RegExp(DocId.pattern ?? '');

/** The document a room id names; undefined when it names none. */
export function documentOf(roomId: string): DocumentId | undefined {
  const [team = '', doc = '', ...rest] = roomId.split('/');
  return rest.length === 0 && TEAM.test(team) && DOC.test(doc) ? { team, doc } : undefined;
}

/** A token of another team is refused like one without the right. Only a question: nothing goes on record. */
export async function admit(guard: Guard, token: string | undefined, team: string): Promise<Admission> {
  const read = await guard.authorize(token, READ);
  const decision: Decision =
    read.kind === 'allowed' && read.principal.team !== team
      ? { kind: 'denied', code: 'denied', detail: 'another team', principal: read.principal }
      : read;
  if (decision.kind === 'denied') return { kind: 'refused', code: decision.code, decision };
  const write = await guard.authorize(token, WRITE);
  return {
    kind: 'admitted',
    principal: decision.principal,
    permission: write.kind === 'allowed' ? 'write' : 'read',
  };
}
