// Import and export of a whole document: files in and out, through the document's owner on the bus.
import { present, unreachable } from '@hakiri/base/assert';
import type { ImportResult } from '@hakiri/contracts/apply';
import type { ConfigDraft, ConfigIssue } from '@hakiri/contracts/config';
import { ProblemError } from '@hakiri/contracts/problem';
import { foreignEntries, inDocument, withoutDocument } from '@hakiri/manifest/documents';
import type { Cause } from '@hakiri/service/messaging';
import type { Slices } from '@hakiri/service/slices';
import type { Clock } from '@hakiri/substrate/clock';
import type { Random } from '@hakiri/substrate/random';
import type { Outlook } from '../requests/outlook.ts';
import type { DocumentWriter } from './document-writer.ts';
import { exportJson, exportToml } from './export-text.ts';
import { type ImportMode, type PlannedImport, planEdits } from './import-plan.ts';
import { refuseMisfits } from './misfits.ts';
import type { Target } from './outline.ts';
import type { Look, WritePlanned } from './planned-write.ts';

export type Importer = ReturnType<typeof createImporter>;

const WORDS = {
  nothing: 'Nothing was imported.',
  again: 'Import the same file again: that is safe, what is there is recognised.',
};

export function createImporter(deps: {
  writer: Pick<DocumentWriter, 'read' | 'tryWrite'>;
  outlook: Outlook;
  writePlanned: WritePlanned;
  random: Random;
  clock: Clock;
  slices: Slices;
}) {
  const { writer, outlook, writePlanned, random, clock, slices } = deps;

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
      options: { mode: ImportMode; dryRun: boolean; seen?: string | undefined },
      cause: Cause,
    ): Promise<ImportResult> => {
      const { mode, dryRun, seen } = options;
      const foreign = foreignEntries(file, target.doc);
      if (foreign.length > 0)
        throw new ProblemError(
          'invalid_config',
          'Nothing was imported: the file has entries of another document.',
          foreign,
        );
      const wanted = withoutDocument(file);
      const newKey = () => random.ulid(clock.now());
      const look = async (): Promise<Look<Looked>> => {
        const { version, draft } = await writer.read(target, cause);
        const plan = planned(planEdits(wanted, draft, mode, newKey));
        const live = await outlook.live(target.team);
        const said = await outlook.apply(target, live, { kind: 'all' }, plan.after, version, cause);
        const issues = said.kind === 'invalid' ? said.issues : said.warnings;
        await slices.perform(refuseMisfits(plan.entries.put, plan.entries.putVariables, issues));
        return { plan: { ...plan, issues }, documents: [{ target, draft, version, entries: plan.entries }] };
      };
      const { plan, documents, digest } = await writePlanned(
        {
          ...{ dryRun, seen, look, action: 'doc.import', words: WORDS },
          detail: ({ summary }) => ({
            mode,
            created: summary.created.length,
            updated: summary.updated.length,
            deleted: summary.deleted.length,
            variables: summary.variables,
          }),
        },
        cause,
      );
      const { version, before, updates } = present(documents.get(target.doc), 'it was looked at');
      if (dryRun && updates > 0) await writer.tryWrite(target, cause, WORDS.nothing);
      const { summary } = planned(planEdits(wanted, before, mode, newKey));
      return {
        dryRun,
        ...summary,
        issues: plan.issues,
        version,
        ...(digest === undefined ? {} : { digest }),
      };
    },
  };
}

type Plan = Extract<PlannedImport, { kind: 'planned' }>;
type Looked = Plan & { issues: ConfigIssue[] };

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
    default:
      return unreachable(plan);
  }
}
