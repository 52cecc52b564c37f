// Work from before the history that a document keeps is handed in here: a socket cannot take it any more.
import { DocId } from '@hakiri/contracts/names';
import { type ProblemCode, ProblemError } from '@hakiri/contracts/problem';
import type { Guard } from '@hakiri/service/guard';
import { Elysia, t } from 'elysia';
import { RESCUE_UPDATES } from '../config.ts';
import type { Registrar } from '../team/registrar.ts';
import type { Reads } from './reads.ts';
import { RescueGate, type RescueLimits } from './rescue-gate.ts';
import type { Rescued } from './rescuer.ts';

const DocParams = t.Object({ doc: DocId });

type Reason = Extract<Rescued, { kind: 'refused' }>['reason'];

const NOT_YOURS = 'It has edits that somebody else made and has not sent yet: hand in your own alone.';
const NO_UPDATE = 'It cannot be read: send the bytes of one Loro update, of everything that is unsent.';
const REFUSED: Record<Reason, readonly [ProblemCode, string]> = {
  malformed: ['malformed', NO_UPDATE],
  not_an_update: ['malformed', NO_UPDATE],
  too_large: [
    'too_large',
    'What is new in it is over 511 KiB or 70,000 operations: hand in its beginning, then that with what follows, and so on.',
  ],
  peer_not_yours: ['conflict', NOT_YOURS],
  peer_in_use: ['conflict', NOT_YOURS],
  too_many_peers: ['too_large', 'The document has as many peer ids as it may have.'],
  history_compacted: ['unavailable', 'The document was compacted right now: try again.'],
  document_full: ['too_large', 'The document is as large as it may be.'],
  cooling: [
    'rate_limited',
    'Too much of what you sent could not be read: nothing is taken from you for ten minutes.',
  ],
  backlog: ['unavailable', 'Too much waits to be stored: try again shortly.'],
};

const WAIT = {
  own: 'What you handed in before is still under way: hand in the next when it is answered.',
  full: 'Too much is handed in at once right now: try again in a few seconds.',
};

/** Said to whoever may try again, so that nobody asks again and again. A user cools for ten minutes, which may be over sooner. */
const RETRY_AFTER_S: Partial<Record<Reason, number>> = { cooling: 60, backlog: 5, history_compacted: 1 };
const OPEN_RETRY_AFTER_S = 3;

export function rescueRoutes(deps: {
  guard: Guard;
  reads: Reads;
  registrar: Registrar;
  updateBytes: number;
  rescues: RescueLimits;
}) {
  const { guard, reads, registrar, updateBytes, rescues } = deps;
  const limitBytes = RESCUE_UPDATES * updateBytes;
  const gate = new RescueGate(rescues);
  return new Elysia({ name: 'sync-rescue', prefix: '/v1/docs', normalize: false }).post(
    '/:doc/rescue',
    async ({ request, params, set }) => {
      const { team, user } = await guard.require(request, { action: 'doc.write' });
      const id = { team, doc: params.doc };
      const refusal = await registrar.editRefusal(id);
      if (refusal?.kind === 'refused') throw new ProblemError('document_archived', refusal.detail);
      // Before the body is read. Who does not say how long it is may send as much as anybody.
      const bytes = Number(request.headers.get('content-length') ?? limitBytes);
      if (bytes > limitBytes) throw new ProblemError(...REFUSED.too_large);
      const entered = gate.enter(user, bytes);
      if (entered.kind !== 'entered') {
        set.headers['retry-after'] = String(OPEN_RETRY_AFTER_S);
        throw new ProblemError('rate_limited', WAIT[entered.kind]);
      }
      try {
        const update = await bodyOf(request);
        const rescued: Rescued | undefined =
          update.length > limitBytes
            ? { kind: 'refused', reason: 'too_large' }
            : await reads.rescue(id, update, user);
        if (rescued === undefined) throw new ProblemError('not_found', 'There is no such document.');
        if (rescued.kind === 'refused') {
          const retryAfterS = RETRY_AFTER_S[rescued.reason];
          if (retryAfterS !== undefined) set.headers['retry-after'] = String(retryAfterS);
          throw new ProblemError(...REFUSED[rescued.reason]);
        }
        return Response.json(rescued);
      } finally {
        entered.leave();
      }
    },
    {
      params: DocParams,
      parse: 'none',
      detail: {
        summary: 'Hand in edits from before the history that is kept: the bytes of one Loro update',
        tags: ['documents'],
      },
    },
  );
}

async function bodyOf(request: Request): Promise<Uint8Array> {
  try {
    return await request.bytes();
  } catch {
    throw new ProblemError('malformed', 'The body did not arrive whole: send it again.');
  }
}
