// What of the Applies that wait concerns one person: those that wait for them, and what became of their own.
import type { RequestSummary } from '@hakiri/contracts/approval';

type Request = Pick<RequestSummary, 'id' | 'author' | 'state'>;

export type WaitingNews<Of extends Request> =
  | { kind: 'to_approve' | 'approved'; request: Of }
  /** It waits no more: its state has to be asked for. */
  | { kind: 'ended'; request: Of };

/** Nobody approves their own; whether the policy names this person is the server's to say. */
export function waitForMe<Of extends Request>(requests: readonly Of[], user: string): Of[] {
  return requests.filter(({ state, author }) => state === 'awaiting_approval' && author !== user);
}

/** Between two answers to the same question. */
export function waitingNews<Of extends Request>(
  before: readonly Of[],
  after: readonly Of[],
  me: { user: string; mayApprove: boolean },
): WaitingNews<Of>[] {
  const was = new Map(before.map((request) => [request.id, request.state]));
  const is = new Map(after.map((request) => [request.id, request.state]));
  const toApprove = me.mayApprove ? waitForMe(after, me.user) : [];
  const own = before.filter(({ author, state }) => author === me.user && state !== 'pending');
  return [
    ...toApprove
      .filter(({ id }) => was.get(id) !== 'awaiting_approval')
      .map((request) => ({ kind: 'to_approve' as const, request })),
    ...own
      .filter(({ id, state }) => state === 'awaiting_approval' && is.get(id) === 'scheduled')
      .map((request) => ({ kind: 'approved' as const, request })),
    ...own.filter(({ id }) => !is.has(id)).map((request) => ({ kind: 'ended' as const, request })),
  ];
}
