// Why an update was not taken: the status that the protocol has for it, and the reason as metrics count it.
import { UpdateStatusCode } from 'loro-protocol';
import type { UpdateReply } from '../host/protocol.ts';

export type Refusal = { status: UpdateStatusCode; reason: string };

export const BUSY: Refusal = { status: UpdateStatusCode.RateLimited, reason: 'busy' };

export const ADMISSION_STATUS = {
  document_full: UpdateStatusCode.PayloadTooLarge,
  backlog: UpdateStatusCode.RateLimited,
} as const;

const REFUSAL_STATUS = {
  missing: UpdateStatusCode.AppError,
  broken: UpdateStatusCode.InvalidUpdate,
  malformed: UpdateStatusCode.InvalidUpdate,
  not_an_update: UpdateStatusCode.InvalidUpdate,
  too_large: UpdateStatusCode.PayloadTooLarge,
  peer_not_yours: UpdateStatusCode.PermissionDenied,
  peer_in_use: UpdateStatusCode.PermissionDenied,
  too_many_peers: UpdateStatusCode.PayloadTooLarge,
  history_compacted: UpdateStatusCode.AppError,
} as const satisfies Record<NonNullable<UpdateReply['refusal']>, UpdateStatusCode>;

export function refusalOf(reason: NonNullable<UpdateReply['refusal']>): Refusal {
  return { status: REFUSAL_STATUS[reason], reason };
}
