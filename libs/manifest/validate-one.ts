// What is wrong with one pipeline while somebody types into it: the issues that an Apply of everything would name, with the same codes
// and sentences, found without looking at all the others.
import type { ConfigIssue, PipelineDraft, VariableDraft } from '@hakiri/contracts/config';
import { canonicalPipeline } from './canonical.ts';
import { pipelineFacts } from './facts.ts';
import { pointer } from './issue.ts';
import { suggesting } from './nearest.ts';
import { validateConfig } from './validate.ts';

export type Surroundings = {
  /** Of the whole document. */
  variables: readonly VariableDraft[];
  /** The other pipelines with this id. */
  withId(id: string): readonly PipelineDraft[];
  /** What a mistaken id may have meant. */
  nearestId(id: string): string | undefined;
};

/** A longer chain of pipelines that wait for each other is followed no further. */
const CHAIN_LIMIT = 100;

/** Paths are pointers inside the pipeline, such as `/schedule/expr`. Whether a node is there to run it, the server alone knows. */
export function validatePipeline(draft: PipelineDraft, around: Surroundings): ConfigIssue[] {
  const own = canonicalPipeline(draft);
  const pipelines = [own, ...concerned(own, around)];
  const { issues } = validateConfig({ pipelines, variables: [...around.variables] });
  const names = [own.id, own.key].flatMap((name) =>
    typeof name === 'string' && name !== '' ? [`${pointer('pipelines', name)}/`] : [],
  );
  return issues.flatMap((issue) => {
    const prefix = names.find((name) => issue.path.startsWith(name));
    if (prefix === undefined) return [];
    return [{ ...withNearest(issue, own, around), path: issue.path.slice(prefix.length - 1) }];
  });
}

/** Those with the same id, and those that it waits for, one after the other. */
function concerned(own: PipelineDraft, around: Surroundings): PipelineDraft[] {
  const found = new Set<PipelineDraft>(typeof own.id === 'string' ? around.withId(own.id) : []);
  const followed = new Set<string>(typeof own.id === 'string' ? [own.id] : []);
  for (
    let awaited = pipelineFacts(own).awaits;
    awaited !== undefined && !followed.has(awaited) && followed.size < CHAIN_LIMIT;
  ) {
    followed.add(awaited);
    const next = around.withId(awaited);
    for (const each of next) found.add(each);
    const [first] = next;
    awaited = first === undefined ? undefined : pipelineFacts(canonicalPipeline(first)).awaits;
  }
  return [...found].filter(({ key }) => key !== own.key);
}

/** Of all ids: only a few were looked at until here. */
function withNearest(issue: ConfigIssue, own: PipelineDraft, around: Surroundings): ConfigIssue {
  if (issue.code !== 'schedule.reference_unknown') return issue;
  const { suggestion, ...bare } = issue;
  const message =
    suggestion?.value === undefined
      ? issue.message
      : issue.message.slice(0, issue.message.lastIndexOf(' Perhaps '));
  const { awaits } = pipelineFacts(own);
  const meant = awaits === undefined ? undefined : around.nearestId(awaits);
  return suggesting({ ...bare, message }, awaits, meant === undefined ? [] : [meant]);
}
