// What a document's owner says of it without its entries: the version that it is at now, and what was moved out of it.
import { GetOutline } from '@hakiri/contracts/subjects';
import type { OutlineReply } from '@hakiri/contracts/sync';
import type { Cause, Messaging } from '@hakiri/service/messaging';

export type Target = { team: string; doc: string };
type Asked = { messaging: Messaging; limits: { pageTimeoutMs: number } };

/** @throws BusError */
export function outlineOf({ messaging, limits }: Asked, target: Target, cause: Cause): Promise<OutlineReply> {
  return messaging.request(GetOutline, target, cause, { entries: false }, limits.pageTimeoutMs);
}
