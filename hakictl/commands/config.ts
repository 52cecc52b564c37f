// The document as a file, in and out.
import { writeFile } from 'node:fs/promises';
import type { ImportResult } from '@hakiri/contracts/apply';
import type { ConfigIssue } from '@hakiri/contracts/config';
import { DEFAULT_DOC } from '@hakiri/contracts/names';
import type { Command } from 'commander';
import { oneOf } from '../arguments.ts';
import { contextOf } from '../context.ts';
import type { Io } from '../io.ts';
import { issueTable } from '../output.ts';
import { readText } from '../text-file.ts';

const FORMATS = ['toml', 'json'] as const;
type Format = (typeof FORMATS)[number];
type ImportFlags = { doc: string; format?: Format; replace?: boolean; dryRun?: boolean; digest?: string };
type ExportFlags = { doc: string; format: Format; output?: string };

export function addConfigCommands(program: Command, io: Io): void {
  program
    .command('import')
    .description(
      'write a hakiri.toml (or JSON) into the document, as edits that everybody sees; applies nothing',
    )
    .argument('<file>', 'the file, or - for standard input')
    .option('--replace', 'also delete pipelines and variables that the file does not hold')
    .option('--dry-run', 'only say what would change')
    .option('--digest <digest>', 'only if it would change exactly what the dry run with this digest said')
    .option('--format <format>', 'toml or json (default: by the name of the file)', oneOf(FORMATS))
    .option('--doc <name>', 'the document', DEFAULT_DOC)
    .addHelpText(
      'after',
      '\nExamples:\n  hakictl import examples/hakiri.toml\n  hakictl import hakiri.toml --replace --dry-run\n  generate | hakictl import - --format json',
    )
    .action(async (file: string, options: ImportFlags, command: Command) => {
      const { client, print } = contextOf(command, io);
      const format = options.format ?? (file.endsWith('.json') ? 'json' : 'toml');
      const mode = options.replace ? 'replace' : 'merge';
      const { doc, dryRun = false, digest } = options;
      const result = await client.apply.import(file === '-' ? await io.stdin() : await readText(file), {
        doc,
        format,
        mode,
        dryRun,
        ...(digest === undefined ? {} : { digest }),
      });
      print(result, () => importText(result));
    });

  program
    .command('export')
    .description('print the document as it is now, applied or not')
    .option('--format <format>', 'toml or json', oneOf(FORMATS), 'toml')
    .option('-o, --output <file>', 'write it to a file')
    .option('--doc <name>', 'the document', DEFAULT_DOC)
    .addHelpText(
      'after',
      '\nExamples:\n  hakictl export > hakiri.toml\n  hakictl export --format json -o hakiri.json',
    )
    .action(async ({ doc, format, output }: ExportFlags, command: Command) => {
      const { client, json, print } = contextOf(command, io);
      const text = await client.apply.export({ doc, format: json ? 'json' : format });
      if (output === undefined) return io.out(text);
      await writeFile(output, text);
      print({ file: output, bytes: Buffer.byteLength(text) }, () => `Written to ${output}.`);
    });
}

/** Of so many the first are shown: --json has all. */
const SHOWN_LIMIT = 20;

function someOf(items: readonly (string | number)[]): string {
  const shown = items.slice(0, SHOWN_LIMIT).join(', ');
  return items.length > SHOWN_LIMIT ? `${shown} and ${items.length - SHOWN_LIMIT} more` : shown;
}

function someIssues(issues: readonly ConfigIssue[]): string {
  const more = issues.length - SHOWN_LIMIT;
  return issueTable(issues.slice(0, SHOWN_LIMIT)) + (more > 0 ? `\nand ${more} more` : '');
}

function importText(result: ImportResult): string {
  const line = (what: string, ids: readonly string[]): string[] =>
    ids.length === 0 ? [] : [`${what} ${ids.length}: ${someOf(ids)}`];
  const changes = [
    ...line('created', result.created),
    ...line('updated', result.updated),
    ...line('deleted', result.deleted),
  ];
  const head = result.dryRun ? 'Would change (nothing was written):' : 'Imported:';
  return [
    changes.length === 0 ? 'Nothing differs.' : head,
    ...changes,
    `unchanged ${result.unchanged.length}, variables ${result.variables}`,
    ...(result.comments === undefined
      ? []
      : [`comments dropped ${result.comments.count}, in lines ${someOf(result.comments.lines)}`]),
    ...(result.issues?.length ? ['An apply would say:', someIssues(result.issues)] : []),
    ...(result.digest === undefined || changes.length === 0
      ? []
      : [`Exactly this: --digest ${result.digest}`]),
    ...(result.dryRun || changes.length === 0
      ? []
      : ['Next: hakictl validate --all, then hakictl apply --all']),
  ].join('\n');
}
