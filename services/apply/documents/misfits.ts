// What keeps entries out of a document, of whatever values it takes: asked of all of a file before the first batch of it is
// written, as an owner that refuses the last one has the others already.
import { pipelineMisfits, variableMisfits } from '@hakiri/config-doc/check-edit';
import type { ConfigIssue, PipelineDraft, VariableDraft } from '@hakiri/contracts/config';
import { ProblemError } from '@hakiri/contracts/problem';
import { issue, pointer } from '@hakiri/manifest/issue';

/** In small pieces. `others` is what else is wrong with it, so that all is mended at once. @throws ProblemError */
export function* refuseMisfits(
  put: readonly PipelineDraft[],
  putVariables: readonly VariableDraft[],
  others: readonly ConfigIssue[],
): Generator<undefined, void> {
  const found: ConfigIssue[] = [];
  for (const one of put) {
    yield undefined;
    found.push(...[...pipelineMisfits(one)].map(toIssue('pipelines', one.id, one.key)));
  }
  for (const one of putVariables)
    found.push(...[...variableMisfits(one)].map(toIssue('variables', one.name, one.key)));
  if (found.length === 0) return;
  const places = new Set(found.map(({ path }) => path));
  throw new ProblemError(
    'invalid_config',
    `Nothing was written: a document cannot hold ${found.length} of its values. Mend what \`issues\` lists, these first.`,
    [...found, ...others.filter(({ path }) => !places.has(path))],
  );
}

/** Under the name that the file has for it: nobody has seen the key. */
function toIssue(root: string, name: unknown, key: string) {
  const entry = pointer(root, typeof name === 'string' && name !== '' ? name : key);
  return ({ code, path, what }: { code: string; path: string; what: string }): ConfigIssue => {
    const field = path.slice(key.length + 1);
    return issue(`${entry}${field}`, code, `\`${field.slice(1)}\` ${what}`);
  };
}
