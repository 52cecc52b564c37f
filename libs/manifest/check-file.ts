// All that is wrong with a file by itself, at once: what could not be read of it, and what its entries are. What they mean together
// with the rest of the document is for whoever has that (validate.ts).
import type { ConfigDraft, ConfigIssue } from '@hakiri/contracts/config';
import { EMPTY_CONFIG } from './canonical.ts';
import { checkDraftValues } from './check-values.ts';
import { pipelineFacts, variableFacts } from './facts.ts';
import { planImport } from './import.ts';
import { pointer } from './issue.ts';

type Read =
  | { kind: 'parsed'; draft: ConfigDraft }
  | { kind: 'refused'; issues: ConfigIssue[]; draft?: ConfigDraft };

/** Stands for the keys that an import would give. */
const SOME_KEY = '0'.repeat(26);

/** None when it can be written into a document, whatever it may mean there. */
export function fileIssues(read: Read): ConfigIssue[] {
  const { draft } = read;
  const refused = read.kind === 'refused' ? read.issues : [];
  if (draft === undefined) return refused;
  const found = besides(refused, checkDraftValues(draft));
  return found.length === 0 ? found : besides(found, ownIssues(draft));
}

/** Of one place the first that was found says enough. */
function besides(found: readonly ConfigIssue[], others: readonly ConfigIssue[]): ConfigIssue[] {
  const places = new Set(found.map(({ path }) => path));
  return [...found, ...others.filter(({ path }) => !places.has(path))];
}

function ownIssues(file: ConfigDraft): ConfigIssue[] {
  const { draft } = planImport(file, EMPTY_CONFIG, () => SOME_KEY);
  return [
    ...draft.pipelines.flatMap((entry, index) => {
      const { issues, inValues } = pipelineFacts(entry);
      return under(labelOf('pipelines', entry.id, index), [...issues, ...inValues]);
    }),
    ...draft.variables.flatMap((entry, index) => {
      const { issues, inValues } = variableFacts(entry);
      return under(labelOf('variables', entry.name, index), [...issues, ...inValues]);
    }),
  ];
}

function labelOf(root: string, name: unknown, index: number): string {
  return pointer(root, typeof name === 'string' && name !== '' ? name : `#${index + 1}`);
}

function under(path: string, issues: readonly ConfigIssue[]): ConfigIssue[] {
  return issues.map((one) => ({ ...one, path: `${path}${one.path}` }));
}
