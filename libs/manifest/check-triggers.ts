// The meaning of on-event schedules as a whole: the pipelines they wait for exist, and no chain of them waits for itself.
import type { ConfigIssue, PipelineDraft } from '@hakiri/contracts/config';
import type { ConfigIndex } from './config-index.ts';
import { issue, warning } from './issue.ts';
import { suggesting } from './nearest.ts';

export function checkTriggers(index: ConfigIndex, pathOf: (draft: PipelineDraft) => string): ConfigIssue[] {
  const waits = new Map<string, string>();
  for (const [{ id }, target] of index.waiting) if (typeof id === 'string') waits.set(id, target);
  const cyclic = new Map<string, string[]>();
  for (const id of waits.keys()) markCycle(id, waits, cyclic);
  const issues = new Map<PipelineDraft, ConfigIssue>();
  for (const [draft, target] of index.waiting) {
    const found = fault(index, draft, target, cyclic, `${pathOf(draft)}/schedule/expr`);
    if (found !== undefined) issues.set(draft, found);
  }
  return index.inOrder(issues.keys()).flatMap((draft) => issues.get(draft) ?? []);
}

function fault(
  index: ConfigIndex,
  { id }: PipelineDraft,
  target: string,
  cyclic: ReadonlyMap<unknown, string[]>,
  at: string,
): ConfigIssue | undefined {
  const found = index.ids.of(target);
  if (found.length === 0) {
    const message = `There is no pipeline \`${target}\` to wait for: correct the id, or include that pipeline in the Apply.`;
    return suggesting(issue(at, 'schedule.reference_unknown', message), target, index.ids.names());
  }
  const cycle = cyclic.get(id);
  if (cycle !== undefined) {
    const message = `These pipelines wait for each other and would never start: ${cycle.join(' → ')}. Give one of them another schedule.`;
    return issue(at, 'schedule.cycle', message);
  }
  if (found.some(({ enabled }) => enabled !== false)) return undefined;
  const message = `\`${target}\` is switched off, so this never fires: enable it, or choose another schedule.`;
  return warning(at, 'schedule.reference_disabled', message);
}

/** Each pipeline waits for at most one other, so a walk either ends or comes round. */
function markCycle(start: string, waits: ReadonlyMap<string, string>, cyclic: Map<string, string[]>): void {
  if (cyclic.has(start)) return;
  const seen = new Map<string, number>();
  const walk: string[] = [];
  for (let at: string | undefined = start; at !== undefined && !seen.has(at); at = waits.get(at)) {
    if (cyclic.has(at)) return;
    seen.set(at, walk.length);
    walk.push(at);
  }
  const last = walk.at(-1);
  const next = last === undefined ? undefined : waits.get(last);
  const from = next === undefined ? undefined : seen.get(next);
  if (from === undefined) return;
  const loop = walk.slice(from);
  const cycle = [...loop, loop[0] ?? ''];
  for (const id of loop) cyclic.set(id, cycle);
}
