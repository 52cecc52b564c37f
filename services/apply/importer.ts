// Import and export of a whole document: files in and out, through the document's owner on the bus.
import { unreachable } from '@hakiri/base/assert';
import type { ImportResult } from '@hakiri/contracts/apply';
import type { ConfigDraft } from '@hakiri/contracts/config';
import { ProblemError } from '@hakiri/contracts/problem';
import { EditDocument, GetOutline } from '@hakiri/contracts/subjects';
import type { EditRequest } from '@hakiri/contracts/sync';
import type { Cause, Messaging } from '@hakiri/service/messaging';
import { BusError } from '@hakiri/substrate/bus';
import type { Clock } from '@hakiri/substrate/clock';
import type { Random } from '@hakiri/substrate/random';
import { refusalProblem } from './apply-machine.ts';
import { type ImportMode, planEdits } from './import-plan.ts';
import { type Limits, materialize } from './materialize.ts';
import type { Store } from './store.ts';

export type Importer = ReturnType<typeof createImporter>;
export type Target = { team: string; doc: string };

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

  /** Each batch is one update of the document; a repeated one changes nothing. @throws ProblemError */
  async function write(
    target: Target,
    batches: readonly EditRequest[],
    cause: Cause,
  ): Promise<string | undefined> {
    let version: string | undefined;
    for (const [index, batch] of batches.entries()) {
      const soFar = `${index} of ${batches.length} batches are written. Import again: what is there is recognised.`;
      const reply = await reached(
        messaging.request(EditDocument, target, cause, batch, limits.pageTimeoutMs),
        soFar,
      );
      if (reply.kind === 'refused' && reply.code === 'not_found')
        throw new ProblemError('not_found', reply.detail);
      if (reply.kind === 'refused')
        throw new ProblemError('conflict', `${reply.detail} (${reply.code}) ${soFar}`);
      version = reply.version;
    }
    return version;
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
      const current = await read(target, cause);
      const plan = planEdits(file, current.draft, mode, () => random.ulid(clock.now()));
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
          const version = await write(target, plan.batches, cause);
          await store.audit(target.team, cause, {
            action: 'doc.import',
            outcome: 'done',
            target: target.doc,
            detail: {
              mode,
              created: result.created.length,
              updated: result.updated.length,
              deleted: result.deleted.length,
              variables: result.variables,
            },
          });
          deps.onAudited();
          return { ...result, version: version ?? current.version };
        }
        default:
          return unreachable(plan);
      }
    },
  };
}

async function reached<T>(reply: Promise<T>, soFar: string): Promise<T> {
  try {
    return await reply;
  } catch (error) {
    if (!(error instanceof BusError)) throw error;
    throw new ProblemError('unavailable', `Sync does not answer. ${soFar} Try again shortly.`);
  }
}
