// The documents of a team in one configuration: which entries are a document's own, and files that name one.
import type { ConfigDraft, ConfigIssue } from '@hakiri/contracts/config';
import { DEFAULT_DOC } from '@hakiri/contracts/names';
import { documentOf } from './canonical.ts';
import { issue, pointer } from './issue.ts';

/** Every entry says that it belongs to `doc`; the default document is left unsaid. */
export function inDocument(draft: ConfigDraft, doc: string): ConfigDraft {
  if (doc === DEFAULT_DOC) return withoutDocument(draft);
  return {
    pipelines: draft.pipelines.map((pipeline) => (pipeline.doc === doc ? pipeline : { ...pipeline, doc })),
    variables: draft.variables.map((variable) => (variable.doc === doc ? variable : { ...variable, doc })),
  };
}

/** As a document holds them: it does not say its own name in each entry. */
export function withoutDocument({ pipelines, variables }: ConfigDraft): ConfigDraft {
  return {
    // The very same where there is none, so that what is known of it holds.
    pipelines: pipelines.map((entry) => {
      const { doc, ...pipeline } = entry;
      return 'doc' in entry ? pipeline : entry;
    }),
    variables: variables.map((entry) => {
      const { doc, ...variable } = entry;
      return 'doc' in entry ? variable : entry;
    }),
  };
}

/**
 * What is wrong with importing `file` into `doc`: entries of another document. A file that names no document is for whichever it
 * is imported into; once one entry has a name, an entry without one is of the default document, as in a manifest.
 */
export function foreignEntries({ pipelines, variables }: ConfigDraft, doc: string): ConfigIssue[] {
  const namesSome = [...pipelines, ...variables].some((entry) => isNamed(entry.doc));
  if (!namesSome) return [];
  const check = (root: string, entry: { key: string; doc?: unknown }, name: unknown): ConfigIssue[] => {
    const own = documentOf(entry);
    if (own === doc) return [];
    const label = typeof name === 'string' && name !== '' ? name : entry.key;
    const message = `\`${label}\` is of the document ${own}: import it with \`doc=${own}\`, or leave \`doc\` out of the whole file.`;
    return [issue(pointer(root, label, 'doc'), 'doc.other', message)];
  };
  return [
    ...pipelines.flatMap((entry) => check('pipelines', entry, entry.id)),
    ...variables.flatMap((entry) => check('variables', entry, entry.name)),
  ];
}

function isNamed(doc: unknown): boolean {
  return doc !== undefined && doc !== null && doc !== '';
}
