// What a request would publish: at the version that it names, or, of one that said `latest` and goes on after a wait, at what the
// document holds by then.
import type { ApplyBody } from '@hakiri/contracts/apply';
import { DEFAULT_DOC } from '@hakiri/contracts/names';
import type { Revision } from '@hakiri/contracts/revision';
import type { Messaging } from '@hakiri/service/messaging';
import { BusError } from '@hakiri/substrate/bus';
import { outlineOf } from '../documents/outline.ts';
import { causeOf, type RequestRow } from '../store/store-rows.ts';
import type { Preparer } from './preparer.ts';

/** Of a document that is edited without a pause; past it the request waits as for one that does not answer. */
const ATTEMPTS_LIMIT = 3;

export type PrepareRequest = (
  row: RequestRow,
  last: Revision | undefined,
) => Promise<{ body: ApplyBody; preparation: Awaited<ReturnType<Preparer>> }>;

export function createPrepareRequest(deps: {
  prepare: Preparer;
  messaging: Messaging;
  limits: { pageTimeoutMs: number };
}): PrepareRequest {
  const { prepare, messaging, limits } = deps;

  return async (row, last) => {
    const { team } = row;
    const cause = causeOf(row, row.id);
    const isNamed = !row.body.latest || (row.state === 'requested' && row.wokenAtMs === null);
    if (isNamed) return { body: row.body, preparation: await prepare(team, row.body, last, cause) };
    for (let attempt = 0; attempt < ATTEMPTS_LIMIT; attempt++) {
      const target = { team, doc: row.body.doc ?? DEFAULT_DOC };
      const body = { ...row.body, version: (await outlineOf({ messaging, limits }, target, cause)).version };
      const preparation = await prepare(team, body, last, cause);
      if (preparation.kind !== 'moved') return { body, preparation };
    }
    return { body: row.body, preparation: { kind: 'away' } };
  };
}

/** What preparing answers when sync does not. */
export async function orAway(
  prepared: ReturnType<PrepareRequest>,
): Promise<Awaited<ReturnType<PrepareRequest>>['preparation']> {
  try {
    return (await prepared).preparation;
  } catch (error) {
    if (error instanceof BusError) return { kind: 'away' };
    throw error;
  }
}
