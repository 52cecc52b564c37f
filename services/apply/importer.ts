// Import and export of a whole document: files in and out, through the document's owner on the bus.
import { unreachable } from '@hakiri/base/assert';
import type { ImportResult } from '@hakiri/contracts/apply';
import type { ConfigDraft } from '@hakiri/contracts/config';
import { ProblemError } from '@hakiri/contracts/problem';
import { foreignEntries, withoutDocument } from '@hakiri/manifest/documents';
import type { Cause } from '@hakiri/service/messaging';
import type { Clock } from '@hakiri/substrate/clock';
import type { Random } from '@hakiri/substrate/random';
import type { DocumentWriter, Target } from './document-writer.ts';
import { type ImportMode, planEdits } from './import-plan.ts';
import type { Outlook } from './outlook.ts';
import type { Store } from './store.ts';

export type Importer = ReturnType<typeof createImporter>;

const AGAIN = 'Import the same file again: that is safe, what is there is recognised.';

export function createImporter(deps: {
  writer: DocumentWriter;
  outlook: Outlook;
  store: Store;
  random: Random;
  clock: Clock;
  onAudited(): void;
}) {
  const { writer, outlook, store, random, clock } = deps;

  return {
    read: writer.read,

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
      const current = await writer.read(target, cause);
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
          const { version: at } = current;
          const all = { kind: 'all' } as const;
          const live = await outlook.live(target.team);
          const said = await outlook.apply(target, live, all, plan.after, at, cause);
          const issues = said.kind === 'invalid' ? said.issues : said.warnings;
          const result = { dryRun, ...plan.summary, issues, version: at };
          if (dryRun) return result;
          const { version, failure, ...written } = await writer.write(target, plan.batches, cause, AGAIN);
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
