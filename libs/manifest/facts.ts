// What is known of an entry by itself, remembered as long as the entry is: entries are never changed once they are canonical, and
// most of a team's are the same from one Apply to the next. Places inside are pointers within the entry.
import { isRecord } from '@hakiri/base/json';
import {
  type ConfigIssue,
  DEFAULT_POOL,
  type PipelineConfig,
  type PipelineDraft,
  type VariableConfig,
  type VariableDraft,
} from '@hakiri/contracts/config';
import {
  checkPipelineFields,
  checkVariableFields,
  wholePipeline,
  wholeSchedule,
  wholeVariable,
} from './check-fields.ts';
import { checkMeaning } from './check-meaning.ts';
import { checkSchedule } from './check-schedule.ts';
import { checkPipelineSecrets, checkVariableSecrets } from './check-secrets.ts';
import { checkValues } from './check-values.ts';
import { parseTrigger } from './schedule.ts';
import { type Reference, variableReferences } from './variables-used.ts';

export type PipelineFacts = {
  /** It has the shape of a pipeline. */
  isWhole: boolean;
  issues: readonly ConfigIssue[];
  /** Of values; where they are live already they stop nothing. */
  inValues: readonly ConfigIssue[];
  references: readonly Reference[];
  transformKeys: readonly string[];
  /** The id of the pipeline that it waits for. */
  awaits: string | undefined;
  /** Where it wants to run. */
  target: { kind: 'pool' | 'node' | 'label'; name: string } | undefined;
};
export type VariableFacts = {
  isWhole: boolean;
  issues: readonly ConfigIssue[];
  inValues: readonly ConfigIssue[];
};

const ofPipelines = new WeakMap<PipelineDraft, PipelineFacts>();
const ofVariables = new WeakMap<VariableDraft, VariableFacts>();
const NONE: readonly never[] = Object.freeze([]);

/** Of a canonical draft. */
export function pipelineFacts(draft: PipelineDraft): PipelineFacts {
  let facts = ofPipelines.get(draft);
  if (facts === undefined) {
    facts = findPipelineFacts(draft);
    ofPipelines.set(draft, facts);
  }
  return facts;
}

/** Of a canonical draft. */
export function variableFacts(draft: VariableDraft): VariableFacts {
  let facts = ofVariables.get(draft);
  if (facts === undefined) {
    const isWhole = wholeVariable.accepts(draft);
    facts = {
      isWhole,
      issues: isWhole ? NONE : checkVariableFields(draft, ''),
      inValues: orNone([...checkVariableSecrets(draft, ''), ...checkValues(draft, '')]),
    };
    ofVariables.set(draft, facts);
  }
  return facts;
}

export function isWholePipeline(draft: PipelineDraft): draft is PipelineConfig {
  return pipelineFacts(draft).isWhole;
}

export function isWholeVariable(draft: VariableDraft): draft is VariableConfig {
  return variableFacts(draft).isWhole;
}

function findPipelineFacts(draft: PipelineDraft): PipelineFacts {
  const isWhole = wholePipeline.accepts(draft);
  const { transforms, schedule } = draft;
  return {
    isWhole,
    issues: orNone([
      ...(isWhole ? [] : checkPipelineFields(draft, '')),
      ...checkSchedule(schedule, '/schedule'),
      ...checkMeaning(draft, ''),
    ]),
    inValues: orNone([...checkPipelineSecrets(draft, ''), ...checkValues(draft, '')]),
    references: orNone(variableReferences(draft)),
    transformKeys: orNone((Array.isArray(transforms) ? transforms : []).flatMap(keyOf)),
    awaits: awaitedBy(schedule),
    target: targetOf(draft.placement),
  };
}

/** Ten thousand empty lists are one. */
function orNone<Item>(items: readonly Item[]): readonly Item[] {
  return items.length === 0 ? NONE : items;
}

function keyOf(transform: unknown): string[] {
  return isRecord(transform) && typeof transform.key === 'string' && transform.key !== ''
    ? [transform.key]
    : [];
}

function awaitedBy(schedule: unknown): string | undefined {
  if (!wholeSchedule.accepts(schedule) || schedule.kind !== 'on-event') return undefined;
  const trigger = parseTrigger(schedule.expr);
  return trigger?.kind === 'pipeline-finished' ? trigger.id : undefined;
}

function targetOf(placement: unknown): PipelineFacts['target'] {
  if (!isRecord(placement)) return undefined;
  const { kind, target: name = kind === 'auto' ? DEFAULT_POOL : undefined } = placement;
  if (typeof name !== 'string') return undefined;
  if (kind === 'auto') return { kind: 'pool', name };
  return kind === 'node' || kind === 'label' ? { kind, name } : undefined;
}
