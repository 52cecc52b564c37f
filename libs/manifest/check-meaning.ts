// The meaning of one pipeline beyond its schedule: a target where one is needed, a partition column that exists, transforms that
// do something. Expressions inside transforms are the node's to judge.
import { isRecord } from '@hakiri/base/json';
import type { ConfigIssue, PipelineDraft } from '@hakiri/contracts/config';
import { issue } from './issue.ts';
import { suggesting } from './nearest.ts';

/** `path` is the pipeline's own pointer. */
export function checkMeaning(draft: PipelineDraft, path: string): ConfigIssue[] {
  return [
    ...checkPlacement(draft.placement, `${path}/placement`),
    ...checkPartition(draft, path),
    ...(Array.isArray(draft.transforms) ? draft.transforms : []).flatMap((transform, index) =>
      checkTransform(transform, `${path}/transforms/${index}`),
    ),
  ];
}

function checkPlacement(placement: unknown, path: string): ConfigIssue[] {
  if (!isRecord(placement) || placement.target !== undefined) return [];
  if (placement.kind !== 'node' && placement.kind !== 'label') return [];
  const message = `Name the ${placement.kind} to run on as the \`target\` of the placement.`;
  return [issue(`${path}/target`, 'placement.target_missing', message)];
}

/** A schema may be left out altogether; one that is there lists every column that we rely on. */
function checkPartition(draft: PipelineDraft, path: string): ConfigIssue[] {
  const { destination, schema } = draft;
  if (!isRecord(destination) || !isRecord(schema) || Object.keys(schema).length === 0) return [];
  const column = destination.partition_by;
  if (typeof column !== 'string' || Object.hasOwn(schema, column)) return [];
  const message = `The schema has no column \`${column}\`: add it, or partition by a column that is there.`;
  const found = issue(`${path}/destination/partition_by`, 'destination.partition_unknown', message);
  return [suggesting(found, column, Object.keys(schema))];
}

function checkTransform(transform: unknown, path: string): ConfigIssue[] {
  if (!isRecord(transform)) return [];
  const { kind, body, inputs } = transform;
  if (typeof body === 'string' && body.trim() !== '') return [];
  if (kind !== 'select') {
    const message = `Write the body of this ${String(kind)}, or remove the transform.`;
    return [issue(`${path}/body`, 'transforms.body_empty', message)];
  }
  if (Array.isArray(inputs) && inputs.length > 0) return [];
  const message = 'List the columns to keep as the `inputs` of this select.';
  return [issue(`${path}/inputs`, 'transforms.select_empty', message)];
}
