// Reads a whole document and puts entries into it, through its owner on the bus.
import type { ConfigDraft } from '@hakiri/contracts/config';
import { ProblemError } from '@hakiri/contracts/problem';
import { EditDocument } from '@hakiri/contracts/subjects';
import type { EditRequest, OutlineReply } from '@hakiri/contracts/sync';
import type { Cause, Messaging } from '@hakiri/service/messaging';
import { BusError } from '@hakiri/substrate/bus';
import { refusalProblem } from '../requests/apply-machine.ts';
import { type Limits, materialize } from '../requests/materialize.ts';
import { countEntries } from './edit-batches.ts';
import { outlineOf, type Target } from './outline.ts';

export type ReadDocument = {
  version: string;
  draft: ConfigDraft;
  /** What a move took out of it. */
  moved: NonNullable<OutlineReply['moved']>;
};
/** How far the batches came; `failure` is why not to the end. */
export type Written = {
  version?: string;
  batches: number;
  entries: number;
  /** Of the entries, those that were another before; fewer than there were, when somebody touched one that was to be as it was. */
  changed: number;
  failure?: ProblemError;
};
type Refusal = { code: string; detail: string };
export type DocumentWriter = ReturnType<typeof createDocumentWriter>;

/** Of a document that is edited while its pages are read. */
const READ_ATTEMPTS_LIMIT = 5;

export function createDocumentWriter(messaging: Messaging, limits: Limits) {
  /** Why the document takes no edits: it is archived, or gone, or there is no room. An edit of nothing is refused as any other. @throws ProblemError */
  async function refusal(target: Target, cause: Cause): Promise<Refusal | undefined> {
    const nothing: EditRequest = { put: [], putVariables: [], delete: [], deleteVariables: [] };
    const reply = await reached(
      messaging.request(EditDocument, target, cause, nothing, limits.pageTimeoutMs),
      'Nothing was changed.',
    );
    return reply.kind === 'refused' ? reply : undefined;
  }

  return {
    /** The document as it is now; an empty one when there is none. @throws ProblemError */
    read: async (target: Target, cause: Cause): Promise<ReadDocument> => {
      for (let attempt = 0; attempt < READ_ATTEMPTS_LIMIT; attempt++) {
        const { version, moved = [] } = await reached(
          outlineOf({ messaging, limits }, target, cause),
          'Nothing was changed.',
        );
        const whole = await materialize(
          messaging,
          { ...target, scope: { kind: 'all' }, version },
          cause,
          limits,
        );
        switch (whole.kind) {
          case 'draft':
            return { version, draft: whole.draft, moved };
          case 'no_document':
            return { version, draft: { pipelines: [], variables: [] }, moved };
          case 'moved':
            // Between the version and the pages of it.
            continue;
          case 'away':
            throw new ProblemError(
              'unavailable',
              'Sync does not answer. Nothing was changed: try again shortly.',
            );
          default: {
            const { code, detail } = refusalProblem(whole);
            if (whole.kind === 'unreadable') throw new ProblemError('document_unreadable', detail);
            throw new ProblemError(code === 'too_large' ? 'too_large' : 'conflict', detail);
          }
        }
      }
      throw new ProblemError(
        'conflict',
        `The document ${target.doc} goes on being edited while it is read. Nothing was changed: try again shortly.`,
      );
    },

    refusal,

    /** What a dry run is refused with: as a write is, but for a log without room, which may have some by then. @throws ProblemError */
    tryWrite: async (target: Target, cause: Cause, nothing: string): Promise<void> => {
      const refused = await refusal(target, cause);
      if (refused && refused.code !== 'storage_full') throw refusedWrite(refused, nothing);
    },

    /** Each batch is one update of the document; a repeated one changes nothing. `again` says how to repeat. */
    write: async (
      target: Target,
      batches: readonly EditRequest[],
      cause: Cause,
      again: string,
    ): Promise<Written> => {
      const done: Written = { batches: 0, entries: 0, changed: 0 };
      const soFar = () => `${done.batches} of ${batches.length} batches are written. ${again}`;
      for (const batch of batches) {
        try {
          const reply = await reached(
            messaging.request(EditDocument, target, cause, batch, limits.pageTimeoutMs),
            `${done.batches} of ${batches.length} batches are written, and of the next one nobody knows. ${again}`,
          );
          if (reply.kind === 'refused') return { ...done, failure: refusedWrite(reply, soFar()) };
          done.version = reply.version;
          done.changed += reply.changed;
        } catch (error) {
          if (!(error instanceof ProblemError)) throw error;
          return { ...done, failure: error };
        }
        done.batches += 1;
        done.entries += entriesOf(batch);
      }
      return done;
    },
  };
}

function refusedWrite({ code, detail }: Refusal, soFar: string): ProblemError {
  if (code === 'not_found') return new ProblemError('not_found', detail);
  if (code === 'storage_full') return new ProblemError('storage_full', `${detail} ${soFar}`);
  return new ProblemError('conflict', `${detail} (${code}) ${soFar}`);
}

function entriesOf(batch: EditRequest): number {
  return countEntries(batch) + (batch.deleteUnchanged?.pipelines.length ?? 0);
}

async function reached<T>(reply: Promise<T>, soFar: string): Promise<T> {
  try {
    return await reply;
  } catch (error) {
    if (!(error instanceof BusError)) throw error;
    throw new ProblemError('unavailable', `Sync does not answer. ${soFar} Try again shortly.`);
  }
}
