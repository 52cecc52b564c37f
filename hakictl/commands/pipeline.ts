// One pipeline of a document: read it, and change it by a patch.
import { DEFAULT_DOC } from '@hakiri/contracts/names';
import type { Command } from 'commander';
import { contextOf } from '../context.ts';
import { UsageError } from '../failure.ts';
import type { Io } from '../io.ts';

export function addPipelineCommands(program: Command, io: Io): void {
  const pipeline = program.command('pipeline').description('one pipeline of a document');

  pipeline
    .command('show')
    .description('as the document has it now, as JSON, with the version of the document')
    .argument('<id>', 'by id or key')
    .option('--doc <name>', 'the document', DEFAULT_DOC)
    .addHelpText('after', '\nExample:\n  hakictl pipeline show gh-issues')
    .action(async (id: string, { doc }: { doc: string }, command: Command) => {
      const { client, print } = contextOf(command, io);
      const view = await client.apply.pipeline(doc, id);
      print(view, () => JSON.stringify(view, null, 2));
    });

  pipeline
    .command('patch')
    .description('change fields of it, as an edit that everybody sees; applies nothing')
    .argument('<id>', 'by id or key')
    .argument('<patch>', 'a JSON Merge Patch (null empties a field), or - for standard input')
    .option('--since <version>', 'only if nobody touched it after this version of the document')
    .option('--doc <name>', 'the document', DEFAULT_DOC)
    .addHelpText(
      'after',
      '\nExamples:\n  hakictl pipeline patch gh-issues \'{"schedule":{"expr":"*/5 * * * *"}}\'\n  generate | hakictl pipeline patch gh-issues - --json',
    )
    .action(async (id: string, text: string, options: { doc: string; since?: string }, command: Command) => {
      const { client, print } = contextOf(command, io);
      const patch = parsePatch(text === '-' ? await io.stdin() : text);
      const { doc, since } = options;
      const view = await client.apply.patchPipeline(id, patch, {
        doc,
        ...(since === undefined ? {} : { since }),
      });
      print(
        view,
        () =>
          `${String(view.id)} is changed in the document.\nNext: hakictl apply --pipeline ${String(view.id)}`,
      );
    });
}

function parsePatch(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UsageError('The patch is not JSON. Quote it for the shell, or give - and standard input.', {
      cause,
    });
  }
}
