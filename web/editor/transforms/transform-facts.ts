// The kinds of transforms, and which issue is said at which of their fields.
import { isRecord } from '@hakiri/base/json';
import { plainRecord } from '@hakiri/config-doc/plain';
import type { TransformDraft } from '@hakiri/config-doc/read';
import { type PipelineDraft, TRANSFORM_KINDS } from '@hakiri/contracts/config';
import type { FieldIssue } from '../../parts/field.tsx';
import type { Form } from '../form/use-form.ts';
import { inputsOf } from './transform-edits.ts';

export const KINDS = TRANSFORM_KINDS;
export type Kind = (typeof TRANSFORM_KINDS)[number];

export function isKind(value: string): value is Kind {
  return KINDS.some((kind) => kind === value);
}

export type TransformIssues = Record<'own' | 'kind' | 'body' | 'inputs', readonly FieldIssue[]>;

export function transformIssues(
  { issues }: Pick<Form, 'issues'>,
  index: number,
  inputs: number,
): TransformIssues {
  const at = (field: string): readonly FieldIssue[] => issues(`transforms/${index}${field}`);
  const ofInputs = Array.from({ length: inputs }, (_, each) => at(`/inputs/${each}`)).flat();
  return {
    own: [...at(''), ...at('/key')],
    kind: at('/kind'),
    body: at('/body'),
    inputs: oncePerMessage([...at('/inputs'), ...ofInputs]),
  };
}

function oncePerMessage(issues: readonly FieldIssue[]): FieldIssue[] {
  return [...new Map(issues.map((issue) => [issue.message, issue])).values()];
}

/** In order, by key. */
export function draftsOf(transforms: unknown): Map<string, TransformDraft> {
  const drafts = new Map<string, TransformDraft>();
  for (const item of Array.isArray(transforms) ? transforms : []) {
    if (!isRecord(item) || typeof item.key !== 'string') continue;
    const { kind, body, inputs } = plainRecord(item);
    drafts.set(item.key, { key: item.key, kind: kind ?? null, body: body ?? null, inputs: inputs ?? null });
  }
  return drafts;
}

/** What a transform may read: the columns of the schema, and what those before it name. */
export function columnsBefore({ schema, transforms }: PipelineDraft, index: number): string[] {
  const before = [...draftsOf(transforms).values()].slice(0, index);
  const own = isRecord(schema) ? Object.keys(schema) : [];
  return [...new Set([...own, ...before.flatMap(({ inputs }) => inputsOf(inputs))])];
}
