// Finds out, entry by entry, what is remembered of entries by themselves: its form, its faults, its texts. Most of the work of an
// Apply is here, and whoever shares a thread with others can do it in pieces before the rest, which is short then.
import type { ConfigDraft, ManifestConfig, PipelineDraft } from '@hakiri/contracts/config';
import { canonicalPipeline } from './canonical.ts';
import { inDocument } from './documents.ts';
import { isWholePipeline } from './facts.ts';
import { isSameEntry } from './merge.ts';
import { pipelineText } from './render.ts';
import { runtimeOf } from './runtime.ts';

/** Yields after each piece. Gives the same draft, of entries that are known; those that did not change are the applied ones. */
export function* learnDraft(
  draft: ConfigDraft,
  doc: string,
  applied: ManifestConfig | undefined,
): Generator<undefined, ConfigDraft> {
  const wanted = new Set(draft.pipelines.map(({ key }) => key));
  const known = new Map<string, PipelineDraft>();
  for (const pipeline of applied?.pipelines ?? [])
    if (wanted.has(pipeline.key)) known.set(pipeline.key, pipeline);
  const pipelines: PipelineDraft[] = [];
  for (const pipeline of draft.pipelines) {
    const [own = pipeline] = inDocument({ pipelines: [pipeline], variables: [] }, doc).pipelines;
    pipelines.push(learnPipeline(own, known.get(own.key)));
    yield;
  }
  return { pipelines, variables: draft.variables };
}

function learnPipeline(draft: PipelineDraft, applied: PipelineDraft | undefined): PipelineDraft {
  const pipeline = canonicalPipeline(draft);
  if (applied !== undefined && isSameEntry(applied, pipeline)) return applied;
  if (!isWholePipeline(pipeline)) return pipeline;
  pipelineText(pipeline);
  for (const runtime of runtimeOf({ pipelines: [pipeline], variables: [] }).pipelines) pipelineText(runtime);
  return pipeline;
}
