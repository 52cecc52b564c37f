// The document as drafts. Tolerant: whatever a client wrote, a reader answers with JSON, and validation says what is wrong.
// What is absent is null; a transform counts for the pipeline it names as its own, once, and when it still exists.
import { isRecord, type Json } from '@hakiri/base/json';
import type { ConfigDraft, PipelineDraft, VariableDraft } from '@hakiri/contracts/config';
import type { OutlineReply } from '@hakiri/contracts/sync';
import { type LoroDoc, LoroMovableList } from 'loro-crdt';
import { type GroupPaths, lazyGroupPaths, readGroupPaths } from './groups.ts';
import { plainRecord } from './plain.ts';
import { entityOf, OWNER_FIELD, pipelinesOf, transformsOf, variablesOf } from './schema.ts';
import { versionOf } from './version.ts';

type Fields = { [key: string]: Json };

export type TransformDraft = { key: string; kind: Json; body: Json; inputs: Json };

export function readConfig(doc: LoroDoc): ConfigDraft {
  const groups = readGroupPaths(doc);
  return { pipelines: readPipelines(doc, pipelineKeys(doc), groups), variables: readVariables(doc) };
}

/** Also of what is no pipeline, as it is no map. */
export function pipelineKeys(doc: LoroDoc): string[] {
  return pipelinesOf(doc).keys().map(String).sort();
}

/** Keys that are gone are left out. */
export function readPipelines(
  doc: LoroDoc,
  keys: readonly string[],
  groups: GroupPaths = readGroupPaths(doc),
): PipelineDraft[] {
  return keys
    .map((key) => readPipeline(doc, key, groups))
    .filter((draft): draft is PipelineDraft => draft !== undefined);
}

/** Undefined when there is none: what is no map is no pipeline, whatever a raw client put there. Reading many: pass `readGroupPaths(doc)` once made. */
export function readPipeline(
  doc: LoroDoc,
  key: string,
  groups: Pick<GroupPaths, 'get'> = lazyGroupPaths(doc),
): PipelineDraft | undefined {
  const entity = entityOf(pipelinesOf(doc), key);
  if (entity === undefined) return undefined;
  const fields = fieldsOf(entity);
  const group = readGroup(fields.group, groups);
  return pipelineDraft(key, fields, { group, transforms: readTransforms(doc, key, fields.transforms) });
}

/** What stands in other entities is the caller's to find. */
export function pipelineDraft(
  key: string,
  fields: Fields,
  { group, transforms }: { group: Json; transforms: Json },
): PipelineDraft {
  return {
    key,
    id: fields.id ?? null,
    name: fields.name ?? null,
    description: fields.description ?? null,
    tags: readTags(fields.tags),
    group,
    enabled: fields.enabled ?? null,
    source: fields.source ?? null,
    destination: fields.destination ?? null,
    schedule: fields.schedule ?? null,
    placement: fields.placement ?? null,
    transforms,
    schema: fields.schema ?? null,
  };
}

/** As the pipeline lists them, whether they exist or not. */
export function transformKeys(doc: LoroDoc, pipeline: string): string[] {
  const list = entityOf(pipelinesOf(doc), pipeline)?.get('transforms');
  return list instanceof LoroMovableList ? list.toArray().filter((key) => typeof key === 'string') : [];
}

/** The transform under `key`, if it exists and is not another pipeline's. */
export function readTransform(doc: LoroDoc, key: string, pipeline: string): TransformDraft | undefined {
  const entity = entityOf(transformsOf(doc), key);
  if (entity === undefined) return undefined;
  const fields = fieldsOf(entity);
  const owner = fields[OWNER_FIELD] ?? null;
  if (owner !== null && owner !== pipeline) return undefined;
  return transformDraft(key, fields);
}

export function transformDraft(key: string, fields: Fields): TransformDraft {
  return { key, kind: fields.kind ?? null, body: fields.body ?? null, inputs: fields.inputs ?? null };
}

export function readVariables(doc: LoroDoc): VariableDraft[] {
  const root = variablesOf(doc);
  return root
    .keys()
    .map(String)
    .sort()
    .flatMap((key) => {
      const entity = entityOf(root, key);
      return entity === undefined ? [] : [variableDraft(key, fieldsOf(entity))];
    });
}

export function variableDraft(key: string, fields: Fields): VariableDraft {
  return {
    key,
    name: fields.name ?? null,
    value: fields.value ?? null,
    comment: fields.comment ?? null,
  };
}

/** Keys, ids and groups without bodies; cheap on a big document. */
export function readOutline(doc: LoroDoc): OutlineReply {
  const groups = readGroupPaths(doc);
  const pipelines = pipelineKeys(doc).flatMap((key) => {
    const entity = entityOf(pipelinesOf(doc), key);
    if (entity === undefined) return [];
    const id = entity.get('id');
    const group = readGroup(entity.get('group'), groups);
    return [{ key, id: typeof id === 'string' ? id : '', group: typeof group === 'string' ? group : '' }];
  });
  const variables = readVariables(doc).map(({ key, name }) => ({
    key,
    name: typeof name === 'string' ? name : '',
  }));
  return { version: versionOf(doc), pipelines, variables };
}

/** Of an entity's container, deleted or not. */
export function fieldsOf(entity: unknown): Fields {
  return isRecord(entity) && typeof entity.toJSON === 'function' ? plainRecord(entity.toJSON()) : {};
}

/** A set is a map of what is in it to true. Anything else is left as it is, for validation to name. */
function readTags(tags: Json | undefined): Json {
  if (!isRecord(tags)) return tags ?? null;
  return Object.keys(tags).filter((tag) => tags[tag] === true);
}

/** A group that is gone leaves its pipelines at the root. */
function readGroup(group: unknown, groups: Pick<GroupPaths, 'get'>): Json {
  if (group === undefined || group === null) return '';
  return typeof group === 'string' ? (groups.get(group) ?? '') : null;
}

function readTransforms(doc: LoroDoc, pipeline: string, list: Json | undefined): Json {
  if (!Array.isArray(list)) return list ?? null;
  const keys = new Set(list.filter((key) => typeof key === 'string'));
  return [...keys]
    .map((key) => readTransform(doc, key, pipeline))
    .filter((transform): transform is TransformDraft => transform !== undefined);
}
