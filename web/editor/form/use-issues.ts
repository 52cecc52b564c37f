// What is wrong with the pipeline as it stands now, by field. It is looked for when typing rests, and now and then while it does not:
// nobody reads it between two letters, and the next letter would wait for it.
import type { PipelineDraft } from '@hakiri/contracts/config';
import { nearest } from '@hakiri/manifest/nearest';
import { validatePipeline } from '@hakiri/manifest/validate-one';
import { useMemo } from 'react';
import type { Pipelines } from '../../live/pipelines.ts';
import { useStore } from '../../live/use-store.ts';
import type { FieldIssue } from '../../parts/field.tsx';
import { useWorkspace } from '../../screen/context.ts';
import { type FieldName, fieldAt } from './field-names.ts';
import { useSettled } from './use-settled.ts';

export function useIssues(now: PipelineDraft): ReadonlyMap<FieldName, readonly FieldIssue[]> {
  const { pipelines, variables } = useWorkspace();
  const defined = useStore(variables.list);
  const settled = useSettled(now);
  // Of another pipeline it says nothing.
  const draft = settled.key === now.key ? settled : now;
  // Ids of others count too; the order is another one when one of them changed.
  const order = useStore(pipelines.order);
  const nearestId = useMemo(() => nearestOf(pipelines, order), [pipelines, order]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the order stands for the ids that are asked for
  return useMemo(() => {
    const issues = validatePipeline(draft, {
      variables: defined,
      withId: (id) => pipelines.keysOf(id).flatMap((key) => pipelines.draft(key) ?? []),
      nearestId,
    });
    return Map.groupBy(issues, ({ path }) => fieldAt(path));
  }, [draft, defined, order, pipelines, nearestId]);
}

/** All are looked through once for one mistaken id, whatever is typed beside it. */
function nearestOf(
  pipelines: Pick<Pipelines, 'idOf'>,
  order: readonly string[],
): (id: string) => string | undefined {
  let last: { id: string; found: string | undefined } | undefined;
  return (id) => {
    if (last?.id !== id) {
      last = { id, found: nearest(id, idsOf(pipelines, order)) };
    }
    return last.found;
  };
}

/** One at a time. Iterators have no `map` in browsers before 2025. */
function* idsOf(pipelines: Pick<Pipelines, 'idOf'>, order: readonly string[]): Generator<string> {
  for (const key of order) yield pipelines.idOf(key) ?? '';
}
