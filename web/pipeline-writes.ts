// One field of a pipeline, written into the document beside what others wrote into the same part meanwhile.
import { isRecord } from '@hakiri/base/json';
import {
  moveToGroup,
  renamePipeline,
  setDestination,
  setPlacement,
  setSchedule,
  setSource,
  setText,
} from '@hakiri/config-doc/edit';
import { readPipeline } from '@hakiri/config-doc/read';
import type { PlacementConfig, ScheduleConfig, SourceConfig } from '@hakiri/contracts/config';
import type { LoroDoc } from 'loro-crdt';
import type { FieldName } from './issue-path.ts';
import { type PipelineRow, rowOf } from './pipeline-rows.ts';

/** As typed: what is wrong, or empty, is for Apply to name. False when the pipeline is gone. */
export function writeField(
  doc: LoroDoc,
  key: string,
  field: Exclude<FieldName, 'enabled'>,
  value: string,
): boolean {
  const draft = readPipeline(doc, key, new Map());
  if (!draft) return false;
  const { source, destination, schedule, placement } = rowOf(draft);
  switch (field) {
    case 'id':
      return renamePipeline(doc, key, value);
    case 'name':
    case 'description':
      return setText(doc, key, field, value);
    case 'group':
      return moveToGroup(doc, key, value);
    case 'source/kind':
      return setSource(doc, key, { ...optionsOf(draft.source), ...source, kind: value });
    case 'source/ref':
      return setSource(doc, key, { ...optionsOf(draft.source), ...source, ref: value });
    case 'destination/table':
      return setDestination(doc, key, destinationOf({ ...destination, table: value }));
    case 'destination/partition_by':
      return setDestination(doc, key, destinationOf({ ...destination, partition: value }));
    case 'schedule/kind':
      return setSchedule(doc, key, scheduleOf({ ...schedule, kind: value }));
    case 'schedule/expr':
      return setSchedule(doc, key, scheduleOf({ ...schedule, expr: value }));
    case 'schedule/timezone':
      return setSchedule(doc, key, scheduleOf({ ...schedule, timezone: value }));
    case 'placement/kind':
      return setPlacement(doc, key, placementOf({ ...placement, kind: value }));
    case 'placement/target':
      return setPlacement(doc, key, placementOf({ ...placement, target: value }));
  }
}

/** What a source has beside its kind and reference, which the page does not show: it stays. */
function optionsOf(source: unknown): Omit<SourceConfig, 'kind' | 'ref'> {
  const entries = Object.entries(isRecord(source) ? source : {});
  return Object.fromEntries(
    entries.flatMap(([name, value]) =>
      typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
        ? [[name, value] as const]
        : [],
    ),
  );
}

function destinationOf({ table, partition }: PipelineRow['destination']) {
  return partition === '' ? { table } : { table, partition_by: partition };
}

function scheduleOf({ kind, expr, timezone }: PipelineRow['schedule']): ScheduleConfig {
  if (kind === 'every' || kind === 'on-event') return { kind, expr };
  return timezone === '' ? { kind: 'cron', expr } : { kind: 'cron', expr, timezone };
}

function placementOf({ kind, target }: PipelineRow['placement']): PlacementConfig {
  const known = kind === 'node' || kind === 'label' ? kind : 'auto';
  return target === '' ? { kind: known } : { kind: known, target };
}
