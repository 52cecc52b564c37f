// References to variables: each must be defined once, and one that nobody refers to is worth a warning.
import type { ConfigIssue, PipelineDraft, VariableDraft } from '@hakiri/contracts/config';
import type { ConfigIndex } from './config-index.ts';
import { pipelineFacts } from './facts.ts';
import { issue, pointer, warning } from './issue.ts';
import { suggesting } from './nearest.ts';

/** The names that the pipeline, a canonical draft, refers to. */
export function variablesUsed(draft: PipelineDraft): Set<string> {
  return new Set(pipelineFacts(draft).references.map(({ name }) => name));
}

export function checkReferences(
  index: ConfigIndex,
  pathOf: (draft: PipelineDraft) => string,
  variables: readonly VariableDraft[],
): ConfigIssue[] {
  const defined = new Set<string>();
  for (const { name } of variables) if (typeof name === 'string') defined.add(name);
  const undefinedNames = new Set(index.users.names().filter((name) => !defined.has(name)));
  const users = index.inOrder(new Set([...undefinedNames].flatMap((name) => index.users.of(name))));
  const issues: ConfigIssue[] = [];
  for (const draft of users) {
    for (const { name, path } of pipelineFacts(draft).references) {
      if (!undefinedNames.has(name)) continue;
      const message = `The variable \`${name}\` is not defined: define it, or correct the name.`;
      const found = issue(`${pathOf(draft)}${path}`, 'variable.undefined', message);
      issues.push(suggesting(found, name, defined));
    }
  }
  for (const name of defined) {
    if (index.users.has(name)) continue;
    const message = `No pipeline here uses \`${name}\`: remove it, or refer to it as \`\${${name}}\`.`;
    issues.push(warning(pointer('variables', name), 'variable.unused', message));
  }
  return issues;
}
