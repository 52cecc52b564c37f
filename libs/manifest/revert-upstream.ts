// What a reverted pipeline would miss or meet: the pipeline that it waits for is gone, or its id is another's by now.
import { isRecord } from '@hakiri/base/json';
import type { ConfigDraft, ConfigIssue, ManifestConfig, PipelineDraft } from '@hakiri/contracts/config';
import { documentOf } from './canonical.ts';
import { issue, pointer } from './issue.ts';

const FINISHED = 'pipeline.finished:';

/** `homes`: the documents of what comes back, by key. */
export function upstreamOf(
  { to, latest, label }: { to: ManifestConfig; latest: ManifestConfig; label: string },
  homes: ReadonlyMap<string, string>,
  documents: readonly { doc: string; after: ConfigDraft }[],
): ConfigIssue[] {
  const read = new Set(documents.map(({ doc }) => doc));
  const everything: PipelineDraft[] = [
    ...documents.flatMap(({ after }) => after.pipelines),
    ...latest.pipelines.filter((entry) => !read.has(documentOf(entry)) && !homes.has(entry.key)),
  ];
  const byId = Map.groupBy(everything, ({ id }) => id);
  const idsThen = new Set<string>(to.pipelines.map(({ id }) => id));
  return everything.flatMap((pipeline) => {
    const home = homes.get(pipeline.key);
    if (home === undefined) return [];
    const path = pointer('pipelines', String(pipeline.id));
    const issues: ConfigIssue[] = [];
    if ((byId.get(pipeline.id) ?? []).some(({ key }) => key !== pipeline.key))
      issues.push(
        issue(
          `${path}/id`,
          'revert.id_taken',
          `Another pipeline is called \`${pipeline.id}\` by now: rename one of the two before they are applied.`,
        ),
      );
    const upstream = upstreamId(pipeline);
    if (upstream !== undefined && !byId.has(upstream))
      issues.push(
        issue(
          `${path}/schedule/expr`,
          'revert.upstream_gone',
          idsThen.has(upstream)
            ? `\`${pipeline.id}\` waits for \`${upstream}\`, which is gone: revert \`${upstream}\` to ${label} with it.`
            : `\`${pipeline.id}\` waits for \`${upstream}\`, which is gone: give it another schedule.`,
        ),
      );
    return issues;
  });
}

function upstreamId({ schedule }: PipelineDraft): string | undefined {
  if (!isRecord(schedule) || schedule.kind !== 'on-event' || typeof schedule.expr !== 'string')
    return undefined;
  return schedule.expr.startsWith(FINISHED) ? schedule.expr.slice(FINISHED.length) : undefined;
}
