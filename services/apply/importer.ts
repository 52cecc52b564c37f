// Import and export of a whole document: files in and out, through the document's owner on the bus.
import { unreachable } from '@hakiri/base/assert';
import type { ImportResult } from '@hakiri/contracts/apply';
import type { ConfigDraft } from '@hakiri/contracts/config';
import { ProblemError } from '@hakiri/contracts/problem';
import { EditDocument, GetOutline } from '@hakiri/contracts/subjects';
import type { EditRequest } from '@hakiri/contracts/sync';
import { foreignEntries, withoutDocument } from '@hakiri/manifest/documents';
import type { Cause, Messaging } from '@hakiri/service/messaging';
import { BusError } from '@hakiri/substrate/bus';
import type { Clock } from '@hakiri/substrate/clock';
import type { Random } from '@hakiri/substrate/random';
import { refusalProblem } from './apply-machine.ts';
import { type ImportMode, planEdits } from './import-plan.ts';
import { type Limits, materialize } from './materialize.ts';
import type { Store } from './store.ts';

export type Importer = ReturnType<typeof createImporter>;
type Target = { team: string; doc: string };

/** How far the batches came; `failure` is why not to the end. */
type Written = { version?: string; batches: number; entries: number; failure?: ProblemError };

export function createImporter(deps: {
  messaging: Messaging;
  store: Store;
  random: Random;
  clock: Clock;
  limits: Limits;
  onAudited(): void;
}) {
  const { messaging, store, random, clock, limits } = deps;

  /** The document as it is now. @throws ProblemError */
  async function read(target: Target, cause: Cause): Promise<{ version: string; draft: ConfigDraft }> {
    const { version } = await reached(
      messaging.request(GetOutline, target, cause, { entries: false }, limits.pageTimeoutMs),
      'Nothing was changed.',
    );
    const whole = await materialize(messaging, { ...target, scope: { kind: 'all' }, version }, cause, limits);
    switch (whole.kind) {
      case 'draft':
        return { version, draft: whole.draft };
      case 'no_document':
        return { version, draft: { pipelines: [], variables: [] } };
      case 'away':
        throw new ProblemError(
          'unavailable',
          'Sync does not answer. Nothing was changed: try again shortly.',
        );
      default: {
        const { code, detail } = refusalProblem(whole);
        throw new ProblemError(code === 'too_large' ? 'too_large' : 'conflict', detail);
      }
    }
  }

  /** Each batch is one update of the document; a repeated one changes nothing. */
  async function write(target: Target, batches: readonly EditRequest[], cause: Cause): Promise<Written> {
    const done: Written = { batches: 0, entries: 0 };
    const soFar = () =>
      `${done.batches} of ${batches.length} batches are written. Import the same file again: that is safe, what is there is recognised.`;
    for (const batch of batches) {
      try {
        const reply = await reached(
          messaging.request(EditDocument, target, cause, batch, limits.pageTimeoutMs),
          soFar(),
        );
        if (reply.kind === 'refused' && reply.code === 'not_found')
          return { ...done, failure: new ProblemError('not_found', reply.detail) };
        if (reply.kind === 'refused')
          return {
            ...done,
            failure: new ProblemError('conflict', `${reply.detail} (${reply.code}) ${soFar()}`),
          };
        done.version = reply.version;
      } catch (error) {
        if (!(error instanceof ProblemError)) throw error;
        return { ...done, failure: error };
      }
      done.batches += 1;
      done.entries += entriesOf(batch);
    }
    return done;
  }

  return {
    read,

    /** @throws ProblemError */
    import: async (
      target: Target,
      file: ConfigDraft,
      options: { mode: ImportMode; dryRun: boolean },
      cause: Cause,
    ): Promise<ImportResult> => {
      const { mode, dryRun } = options;
      const foreign = foreignEntries(file, target.doc);
      if (foreign.length > 0)
        throw new ProblemError(
          'invalid_config',
          'Nothing was imported: the file has entries of another document.',
          foreign,
        );
      const current = await read(target, cause);
      const plan = planEdits(withoutDocument(file), current.draft, mode, () => random.ulid(clock.now()));
      switch (plan.kind) {
        case 'refused':
          throw new ProblemError(
            'invalid_config',
            'Nothing was imported. Mend what `issues` lists.',
            plan.issues,
          );
        case 'too_large':
          throw new ProblemError(
            'too_large',
            `${plan.id} alone is larger than ${plan.limitBytes} bytes. Nothing was imported.`,
          );
        case 'planned': {
          const result = { dryRun, ...plan.summary, version: current.version };
          if (dryRun) return result;
          const { version, failure, ...written } = await write(target, plan.batches, cause);
          await store.audit(target.team, cause, {
            action: 'doc.import',
            // Of what sync did not answer nobody knows whether it was written.
            outcome: failure && failure.code !== 'unavailable' && written.batches === 0 ? 'refused' : 'done',
            target: target.doc,
            detail: failure
              ? { mode, written, of: plan.batches.length, code: failure.code }
              : {
                  mode,
                  created: result.created.length,
                  updated: result.updated.length,
                  deleted: result.deleted.length,
                  variables: result.variables,
                },
          });
          deps.onAudited();
          if (failure) throw failure;
          return { ...result, version: version ?? current.version };
        }
        default:
          return unreachable(plan);
      }
    },
  };
}

function entriesOf(batch: EditRequest): number {
  return batch.put.length + batch.putVariables.length + batch.delete.length + batch.deleteVariables.length;
}

async function reached<T>(reply: Promise<T>, soFar: string): Promise<T> {
  try {
    return await reply;
  } catch (error) {
    if (!(error instanceof BusError)) throw error;
    throw new ProblemError('unavailable', `Sync does not answer. ${soFar} Try again shortly.`);
  }
}
