// Import and export of a whole document: files in and out, through the document's owner on the bus.
import { unreachable } from '@hakiri/base/assert';
import type { ImportResult } from '@hakiri/contracts/apply';
import type { ConfigDraft } from '@hakiri/contracts/config';
import { ProblemError } from '@hakiri/contracts/problem';
import { foreignEntries, inDocument, withoutDocument } from '@hakiri/manifest/documents';
import type { Cause } from '@hakiri/service/messaging';
import type { Slices } from '@hakiri/service/slices';
import type { Clock } from '@hakiri/substrate/clock';
import type { Random } from '@hakiri/substrate/random';
import type { Outlook } from '../requests/outlook.ts';
import type { Store } from '../store/store.ts';
import type { DocumentWriter } from './document-writer.ts';
import { exportJson, exportToml } from './export-text.ts';
import { type ImportMode, type PlannedImport, planEdits } from './import-plan.ts';
import { refuseMisfits } from './misfits.ts';
import type { Target } from './outline.ts';

export type Importer = ReturnType<typeof createImporter>;

/** While others make entries with the same ids. */
const ATTEMPTS_LIMIT = 3;
const AGAIN = 'Import the same file again: that is safe, what is there is recognised.';

export function createImporter(deps: {
  writer: DocumentWriter;
  outlook: Outlook;
  store: Store;
  random: Random;
  clock: Clock;
  slices: Slices;
  onAudited(): void;
}) {
  const { writer, outlook, store, random, clock, slices } = deps;

  return {
    /** The document as it is now, as a file. @throws ProblemError */
    export: async (target: Target, format: 'toml' | 'json', cause: Cause): Promise<string> => {
      const draft = inDocument((await writer.read(target, cause)).draft, target.doc);
      return format === 'json' ? exportJson(draft) : exportToml(draft);
    },

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
      const wanted = withoutDocument(file);
      let earlier: Plan[] = [];
      for (let attempt = 1; ; attempt++) {
        const current = await writer.read(target, cause);
        const { version: at } = current;
        const plan = planned(planEdits(wanted, current.draft, mode, () => random.ulid(clock.now())));
        const live = await outlook.live(target.team);
        const said = await outlook.apply(target, live, { kind: 'all' }, plan.after, at, cause);
        const issues = said.kind === 'invalid' ? said.issues : said.warnings;
        const [put, putVariables] = [
          plan.batches.flatMap((one) => one.put),
          plan.batches.flatMap((one) => one.putVariables),
        ];
        await slices.perform(refuseMisfits(put, putVariables, issues));
        const summary = summaryOf(earlier, plan, current.draft);
        if (dryRun) return { dryRun, ...summary, issues, version: at };
        const batches = plan.batches.map((batch) => ({ ...batch, createSince: at }));
        const { version, failure, ...written } = await writer.write(target, batches, cause, AGAIN);
        await store.audit(target.team, cause, {
          action: 'doc.import',
          // Of what sync did not answer nobody knows whether it was written.
          outcome: failure && failure.code !== 'unavailable' && written.batches === 0 ? 'refused' : 'done',
          target: target.doc,
          detail: failure
            ? { mode, written, of: batches.length, code: failure.code }
            : {
                mode,
                created: plan.summary.created.length,
                updated: plan.summary.updated.length,
                deleted: plan.summary.deleted.length,
                variables: plan.summary.variables,
              },
        });
        deps.onAudited();
        if (failure) throw failure;
        // What somebody made meanwhile under the same id is that entry: found by the next look, and written over like any other.
        if (plan.creates === 0 || written.changed >= plan.entries)
          return { dryRun, ...summary, issues, version: version ?? at };
        if (attempt === ATTEMPTS_LIMIT)
          throw new ProblemError(
            'conflict',
            `Others go on making entries with the ids of the file, and these were not made twice. ${AGAIN}`,
          );
        earlier = [...earlier, plan];
      }
    },
  };
}

type Plan = Extract<PlannedImport, { kind: 'planned' }>;

/** Of all that was written: what an earlier look made is there under the very key that it gave. */
function summaryOf(earlier: readonly Plan[], { summary, batches }: Plan, current: ConfigDraft) {
  if (earlier.length === 0) return summary;
  const ids = new Map(current.pipelines.map(({ key, id }) => [key, String(id)]));
  const names = new Set(current.variables.map(({ key }) => key));
  const put = earlier.flatMap((plan) => plan.batches).flatMap((batch) => batch.put);
  const wasCreated = new Set(earlier.flatMap((plan) => plan.summary.created));
  const mine = new Set(put.flatMap(({ key }) => ids.get(key) ?? []));
  const created = new Set([...[...mine].filter((id) => wasCreated.has(id)), ...summary.created]);
  const updated = new Set([...mine, ...summary.updated]).difference(created);
  const variables = [...earlier.flatMap((plan) => plan.batches), ...batches]
    .flatMap((batch) => batch.putVariables)
    .filter(({ key }) => names.has(key));
  const fresh = batches.flatMap((batch) => batch.putVariables).filter(({ key }) => !names.has(key));
  return {
    created: [...created],
    updated: [...updated],
    unchanged: summary.unchanged.filter((id) => !mine.has(id)),
    deleted: [...new Set([...earlier.flatMap((plan) => plan.summary.deleted), ...summary.deleted])],
    variables: new Set([...variables, ...fresh].map(({ key }) => key)).size,
  };
}

/** @throws ProblemError */
function planned(plan: PlannedImport): Plan {
  switch (plan.kind) {
    case 'planned':
      return plan;
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
    default:
      return unreachable(plan);
  }
}
