// The pipelines as the page shows them: read once, then only those that a change touched.
import { isRecord } from '@hakiri/base/json';
import { type GroupPaths, readGroupPaths } from '@hakiri/config-doc/groups';
import { pipelineKeys, readPipeline } from '@hakiri/config-doc/read';
import type { PipelineDraft } from '@hakiri/contracts/config';
import type { LoroDoc } from 'loro-crdt';

export type PipelineRow = {
  key: string;
  id: string;
  name: string;
  description: string;
  group: string;
  source: { kind: string; ref: string };
  destination: { table: string; partition: string };
  schedule: { kind: string; expr: string; timezone: string };
  placement: { kind: string; target: string };
  enabled: boolean;
};

export type PipelineRows = {
  /** By group, then by id. */
  all(): PipelineRow[];
  get(key: string): PipelineRow | undefined;
  /** After every change, one's own too, at most once a frame. */
  onChange(handler: () => void): void;
  close(): void;
};

export function watchPipelines(doc: LoroDoc): PipelineRows {
  const rows = new Map<string, PipelineRow>();
  const handlers = new Set<() => void>();
  const stale = new Set<string>();
  let everything = true;
  let frame: number | undefined;

  function refresh(): void {
    frame = undefined;
    const keys = everything ? [...new Set([...rows.keys(), ...pipelineKeys(doc)])] : [...stale];
    everything = false;
    stale.clear();
    const groups = readGroupPaths(doc);
    for (const key of keys) {
      const row = readRow(key, groups);
      if (row) rows.set(key, row);
      else rows.delete(key);
    }
    for (const handler of handlers) handler();
  }

  function readRow(key: string, groups?: GroupPaths): PipelineRow | undefined {
    const draft = readPipeline(doc, key, groups);
    return draft && rowOf(draft);
  }

  const unsubscribe = doc.subscribe(({ events }) => {
    for (const { path, diff } of events) {
      const [root, key] = path;
      if (root === 'groups') everything = true;
      if (root !== 'pipelines') continue;
      if (key !== undefined) stale.add(String(key));
      else if (diff.type === 'map') for (const changed of Object.keys(diff.updated)) stale.add(changed);
    }
    frame ??= requestAnimationFrame(refresh);
  });
  refresh();

  return {
    all: () => [...rows.values()].sort(byGroupThenId),
    // One that was made a moment ago has no row before the next frame.
    get: (key) => rows.get(key) ?? readRow(key),
    onChange: (handler) => void handlers.add(handler),
    close() {
      unsubscribe();
      if (frame !== undefined) cancelAnimationFrame(frame);
      handlers.clear();
    },
  };
}

function byGroupThenId(a: PipelineRow, b: PipelineRow): number {
  return a.group.localeCompare(b.group) || a.id.localeCompare(b.id) || (a.key < b.key ? -1 : 1);
}

/** Every field as a text that an input can show. */
export function rowOf(draft: PipelineDraft): PipelineRow {
  const [source, destination, schedule, placement] = [
    draft.source,
    draft.destination,
    draft.schedule,
    draft.placement,
  ].map((value) => (isRecord(value) ? value : {}));
  return {
    key: draft.key,
    id: textOf(draft.id),
    name: textOf(draft.name),
    description: textOf(draft.description),
    group: textOf(draft.group),
    source: { kind: textOf(source?.kind), ref: textOf(source?.ref) },
    destination: { table: textOf(destination?.table), partition: textOf(destination?.partition_by) },
    schedule: {
      kind: textOf(schedule?.kind),
      expr: textOf(schedule?.expr),
      timezone: textOf(schedule?.timezone),
    },
    placement: { kind: textOf(placement?.kind), target: textOf(placement?.target) },
    enabled: draft.enabled === true,
  };
}

export function scheduleText({ kind, expr, timezone }: PipelineRow['schedule']): string {
  if (kind === '' && expr === '') return 'none';
  return [kind, expr, timezone === '' ? '' : `(${timezone})`].filter((part) => part !== '').join(' ');
}

export function placementText({ kind, target }: PipelineRow['placement']): string {
  if (kind === '') return 'none';
  return target === '' ? kind : `${kind}: ${target}`;
}

/** A draft's field may hold anything that somebody wrote into it: what is no text is shown as JSON. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === undefined || value === null ? '' : JSON.stringify(value);
}
