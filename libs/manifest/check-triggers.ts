// The meaning of on-event schedules as a whole: the pipelines they wait for exist, and no chain of them waits for itself.
import type { ConfigIssue, ScheduleConfig } from '@hakiri/contracts/config';
import { issue, warning } from './issue.ts';
import { parseTrigger } from './schedule.ts';

/** `path` is the pipeline's own pointer. */
export type Triggered = { id: string; path: string; enabled: boolean; schedule: ScheduleConfig | undefined };

export function checkTriggers(pipelines: readonly Triggered[]): ConfigIssue[] {
  const byId = new Map(pipelines.map((pipeline) => [pipeline.id, pipeline]));
  const waits = new Map<string, string>();
  for (const { id, schedule } of pipelines) {
    const target = awaitedBy(schedule);
    if (target !== undefined) waits.set(id, target);
  }
  const cyclic = new Map<string, string[]>();
  for (const id of waits.keys()) markCycle(id, waits, cyclic);
  return pipelines.flatMap(({ id, path, schedule }) => {
    const target = awaitedBy(schedule);
    if (target === undefined) return [];
    const found = byId.get(target);
    const at = `${path}/schedule/expr`;
    if (found === undefined) {
      const message = `There is no pipeline \`${target}\` to wait for: correct the id, or include that pipeline in the Apply.`;
      return [issue(at, 'schedule.reference_unknown', message)];
    }
    const cycle = cyclic.get(id);
    if (cycle !== undefined) {
      const message = `These pipelines wait for each other and would never start: ${cycle.join(' → ')}. Give one of them another schedule.`;
      return [issue(at, 'schedule.cycle', message)];
    }
    if (!found.enabled) {
      const message = `\`${target}\` is switched off, so this never fires: enable it, or choose another schedule.`;
      return [warning(at, 'schedule.reference_disabled', message)];
    }
    return [];
  });
}

function awaitedBy(schedule: ScheduleConfig | undefined): string | undefined {
  if (schedule?.kind !== 'on-event') return undefined;
  const trigger = parseTrigger(schedule.expr);
  return trigger?.kind === 'pipeline-finished' ? trigger.id : undefined;
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
  for (const id of loop) cyclic.set(id, [...loop, loop[0] ?? id]);
}
