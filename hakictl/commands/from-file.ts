// apply --from-file: what is kept in git merged into the document, then applied; nothing else goes live with it.
import { waitingSentence } from '@hakiri/client/apply';
import { ApiProblem } from '@hakiri/client/errors';
import type { ApplyBody } from '@hakiri/contracts/apply';
import type { FolderDifference, FolderDraft, MergeBody, MergeResult } from '@hakiri/contracts/merge';
import type { Context } from '../context.ts';
import { UsageError } from '../failure.ts';
import { folderNameOf, readConfigFiles } from '../folder.ts';
import { diffLines, issueTable } from '../output.ts';

export type FromFileFlags = {
  doc: string;
  fromFile: string;
  base?: string;
  folder?: string;
  all?: boolean;
  withDrafts?: boolean;
  dryRun?: boolean;
};

/** While people edit between the merge and the Apply. */
const ATTEMPTS_LIMIT = 3;
const LABEL = /^v?[0-9]{1,15}(\.[0-9]{1,9})?$/;

/** `apply` is what the Apply takes besides scope and version. @throws ApiProblem, UsageError */
export async function applyFromFile(
  context: Context,
  flags: FromFileFlags,
  apply: Partial<ApplyBody>,
): Promise<void> {
  const { client, print, io, json } = context;
  const { body, skipped } = await mergeBody(flags);
  const said = skipped.length === 0 ? {} : { skipped };
  for (let attempt = 1; ; attempt++) {
    const merge = await client.apply.merge(body);
    const users: ReadonlyMap<string, string[]> = json ? new Map() : await drafters(context, merge);
    const mergeText = (): string => textOf(merge, skipped, users);
    if (merge.dryRun) return print({ merge, ...said }, () => mergeText());
    const { scope, version, doc } = merge;
    if (scope === undefined)
      return print(
        { merge, ...said },
        () =>
          `${mergeText()}\n${driftOf(merge).length === 0 ? 'All that the files say is live: nothing to apply.' : 'Nothing to apply.'}`,
      );
    if (scope.kind === 'all' && !flags.all)
      throw new UsageError(
        'The files are merged. More of them differ from what is live than one scope may name: add --all to apply everything that the document has.',
      );
    try {
      const sent = await client.apply.submit({ ...apply, doc, scope, version });
      if (sent.kind === 'waiting') {
        const { status } = sent;
        return print({ merge, ...said, apply: status }, () =>
          [mergeText(), waitingSentence(status), `hakictl requests show ${status.id}`].join('\n'),
        );
      }
      const { revision, unchanged, warnings = [] } = sent.published;
      return print({ merge, ...said, apply: sent.published }, () =>
        [
          mergeText(),
          unchanged
            ? `Nothing differs from ${revision.label}: nothing to publish.`
            : `Published ${revision.label} (${revision.file}), holds ${revision.pipelines}, changed: ${revision.changed.join(', ') || 'none'}`,
          ...(warnings.length > 0 ? [issueTable(warnings)] : []),
        ].join('\n'),
      );
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      // Their edit is in the next merge, and a conflict there if it is one.
      if (error.problem.code === 'document_moved' && attempt < ATTEMPTS_LIMIT) continue;
      if (!json) io.err('The files are merged into the document, and not applied:\n');
      throw error;
    }
  }
}

async function mergeBody({
  doc,
  withDrafts,
  fromFile,
  base,
  folder,
  dryRun,
}: FromFileFlags): Promise<{ body: MergeBody; skipped: string[] }> {
  const { files, skipped } = await readConfigFiles(fromFile);
  const body = {
    doc,
    folder: folder ?? folderNameOf(fromFile),
    files,
    ...(base === undefined
      ? {}
      : { base: LABEL.test(base) ? { revision: base } : { files: (await readConfigFiles(base)).files } }),
    ...(dryRun ? { dryRun } : {}),
    ...(withDrafts ? { withDrafts } : {}),
  };
  return { body, skipped };
}

/** Who drafted is looked up of the first alone, each in a request of its own. */
const LOOKED_UP_LIMIT = 20;

/** Keys of pipelines, and who touched what is drafted of them, as far as the document's history still has it. */
async function drafters({ client }: Context, { doc, drafts }: MergeResult): Promise<Map<string, string[]>> {
  const users = new Map<string, string[]>();
  const pipelines = drafts.filter(({ path }) => path.startsWith('/pipelines/'));
  for (const { key, fields } of pipelines.slice(0, LOOKED_UP_LIMIT)) {
    const names = new Set(fields.map((field) => field.split('/')[1]));
    try {
      const { entries } = await client.documents.history(doc, { pipeline: key, limit: LOOKED_UP_LIMIT });
      const isDrafted = (root: string, field: string): boolean =>
        names.has(root) || names.has(field.split('.')[0]);
      const who = (is: (root: string, field: string) => boolean): string[] =>
        entries
          .filter(({ changes }) =>
            changes.some(({ root, fields: on }) => on.some((field) => is(root, field))),
          )
          .map(({ user }) => user);
      // Who made it and edited it at one go stands there as its maker.
      const exact = who(isDrafted);
      const found = exact.length > 0 ? exact : who((_root, field) => field === '');
      users.set(key, [...new Set(found)]);
    } catch (error) {
      // Without it everything else is true still: a token that may merge may not always read a history.
      if (!(error instanceof ApiProblem)) throw error;
    }
  }
  return users;
}

function draftLines({ drafts }: MergeResult, users: ReadonlyMap<string, string[]>): string[] {
  const line = ({ path, key, code, fields }: FolderDraft): string => {
    const by = users.get(key)?.join(', ');
    const what = code === 'folder.draft_deleted' ? 'deleted' : fields.join(', ');
    return `  ${path}${what ? `: ${what}` : ''} (${code}${by ? `, by ${by}` : ''})`;
  };
  const [along, held] = [drafts.filter(({ applied }) => applied), drafts.filter(({ applied }) => !applied)];
  return [
    ...(along.length === 0 ? [] : ['Drafted in what is applied, so it goes along:', ...along.map(line)]),
    ...(held.length === 0 ? [] : ['Drafted, and not applied (--with-drafts would):', ...held.map(line)]),
  ];
}

/** Where the document, and what is live, say something else than the files, and nobody's draft is told of it. */
function driftOf({ differs = [], drafts }: MergeResult): FolderDifference[] {
  const drafted = new Map(drafts.map(({ path, fields }) => [path, fields]));
  const isWithin = (field: string, other: string): boolean =>
    field === other || field.startsWith(`${other}/`);
  return differs.flatMap((one) => {
    const told = drafted.get(one.path);
    // A variable is drafted as a whole.
    if (told?.length === 0) return [];
    const isTold = (field: string) => told?.some((other) => isWithin(field, other) || isWithin(other, field));
    const fields = one.fields.filter((field) => !isTold(field));
    return fields.length === 0 ? [] : [{ ...one, fields }];
  });
}

function driftLines(merge: MergeResult): string[] {
  const drift = driftOf(merge);
  if (drift.length === 0) return [];
  return [
    'Changed in the document since the files had it; it stays until the files or the document change:',
    ...drift.map(({ path, fields }) => `  ${path}: ${fields.join(', ')}`),
    'Take it into the files (hakictl export), or put back what they say (hakictl pipeline patch).',
  ];
}

function textOf(
  merge: MergeResult,
  skipped: readonly string[],
  users: ReadonlyMap<string, string[]>,
): string {
  const { base, diff, dryRun, gone, warnings, comments } = merge;
  const over = {
    note: `the files of ${base.at ?? 'before'}`,
    revision: `revision ${base.revision ?? ''}`,
    files: 'the files that --base names',
    none: 'nothing, as this folder is new here',
  }[base.kind];
  const isSame = diff.pipelines.length + diff.variables.length === 0;
  const dropped = comments.reduce((sum, { count }) => sum + count, 0);
  return [
    dryRun ? `Would be merged over ${over} (nothing was written):` : `Merged over ${over}:`,
    isSame ? sameText(merge) : diffLines(diff),
    ...(gone.length === 0 ? [] : [`Deleted in the document, so not brought back: ${gone.join(', ')}`]),
    ...draftLines(merge, users),
    ...driftLines(merge),
    ...(skipped.length === 0 ? [] : [`Not looked at: ${skipped.join(', ')}`]),
    ...(dropped === 0 ? [] : [`Comments stay in the files: ${dropped}`]),
    ...(dryRun && merge.scope?.kind === 'pipelines'
      ? [`An apply would then take ${counted(merge.scope.pipelines.length)}.`]
      : []),
    ...(dryRun && warnings.length > 0 ? [issueTable(warnings)] : []),
  ].join('\n');
}

function sameText(merge: MergeResult): string {
  return driftOf(merge).length === 0 ? 'The document has all of it.' : 'The files have nothing new for it.';
}

function counted(pipelines: number): string {
  return pipelines === 1 ? '1 pipeline' : `${pipelines} pipelines`;
}
