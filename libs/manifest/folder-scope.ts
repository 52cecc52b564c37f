// What of a folder's pipelines an Apply has to take, so that all of the folder is live: those that differ from what is live, were
// taken away, or use a variable of the folder that differs. Nothing that the folder does not have goes live with it. Pure.
import type { ConfigDraft, ManifestConfig } from '@hakiri/contracts/config';
import { canonicalPipeline, canonicalVariable, documentOf } from './canonical.ts';
import { withoutDocument } from './documents.ts';
import { isSame } from './three-way-value.ts';
import { variableReferences } from './variables-used.ts';

/** Keys. `folder` is what it has and what it had; `after` the document with it. */
export function folderPending(
  folder: readonly ConfigDraft[],
  after: ConfigDraft,
  applied: ManifestConfig,
  doc: string,
): string[] {
  const own = <Entry extends { doc?: unknown }>(entries: readonly Entry[]): Entry[] =>
    entries.filter((entry) => documentOf(entry) === doc);
  const live = withoutDocument({ pipelines: own(applied.pipelines), variables: own(applied.variables) });
  const livePipelines = byKey(live.pipelines);
  const liveVariables = byKey(live.variables);
  const named = new Set(folder.flatMap(({ variables }) => variables.map(({ key }) => key)));
  const changed = new Set(
    after.variables
      .filter(({ key }) => named.has(key))
      .filter((variable) => !isSame(canonicalVariable(variable), liveVariables.get(variable.key)))
      .map(({ name }) => name),
  );
  const now = byKey(after.pipelines);
  const keys = new Set(folder.flatMap(({ pipelines }) => pipelines.map(({ key }) => key)));
  return [...keys].filter((key) => {
    const pipeline = now.get(key);
    const old = livePipelines.get(key);
    if (pipeline === undefined || old === undefined) return pipeline !== old;
    if (!isSame(canonicalPipeline(pipeline), canonicalPipeline(old))) return true;
    return changed.size > 0 && variableReferences(pipeline).some(({ name }) => changed.has(name));
  });
}

function byKey<Entry extends { key: string }>(entries: readonly Entry[]): Map<string, Entry> {
  return new Map(entries.map((entry) => [entry.key, entry]));
}
