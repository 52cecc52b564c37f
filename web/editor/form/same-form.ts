// What a part of the form is drawn from. A letter makes another draft of the whole; only the parts that it is about are drawn again.
import type { TransformDraft } from '@hakiri/config-doc/read';
import type { PipelineDraft } from '@hakiri/contracts/config';
import { dotted, type FieldName } from './field-names.ts';
import type { Form } from './use-form.ts';

type Card = {
  form: Form;
  transform: TransformDraft;
  index: number;
  columns: readonly string[];
  defined: unknown;
  isNew: boolean;
};

/** For `memo`: whether a field would be drawn as it is. What a form does is the same for as long as it is of one pipeline. */
export function isSameField<Props extends { form: Form; field: FieldName }>(
  before: Props,
  after: Props,
): boolean {
  const { form: a, ...props } = before;
  const { form: b, ...others } = after;
  const next = new Map(Object.entries(others));
  const names = Object.entries(props);
  return (
    isSameWriter(a, b) &&
    a.issues(before.field) === b.issues(before.field) &&
    a.others(before.field) === b.others(before.field) &&
    names.length === next.size &&
    names.every(([name, value]) => next.has(name) && Object.is(value, next.get(name)))
  );
}

/** For `memo`: whether a section of the fields under that root, drawn from these parts of the draft, would be drawn as it is. */
export function sameSection(parts: readonly (keyof PipelineDraft)[], begin: string) {
  return ({ form: a }: { form: Form }, { form: b }: { form: Form }): boolean =>
    isSameWriter(a, b) &&
    parts.every((part) => a.draft[part] === b.draft[part]) &&
    isSameAt(a.around.issues, b.around.issues, begin) &&
    isSameAt(a.around.others, b.around.others, begin);
}

/** For `memo`: whether the card of one transform would be drawn as it is. What it removes follows from its key and its place. */
export function isSameCard(before: Card, after: Card): boolean {
  const [{ form: a, index, transform }, { form: b }] = [before, after];
  return (
    isSameWriter(a, b) &&
    index === after.index &&
    before.isNew === after.isNew &&
    before.defined === after.defined &&
    isSameText(transform, after.transform) &&
    isSameText(before.columns, after.columns) &&
    isSameAt(a.around.issues, b.around.issues, `transforms/${index}`) &&
    isSameAt(a.around.others, b.around.others, dotted(`transforms/${transform.key}`))
  );
}

function isSameText(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function isSameWriter(a: Form, b: Form): boolean {
  return a.pipelineKey === b.pipelineKey && a.canEdit === b.canEdit;
}

function isSameAt(
  a: ReadonlyMap<string, readonly unknown[]>,
  b: ReadonlyMap<string, readonly unknown[]>,
  begin: string,
): boolean {
  if (a === b) return true;
  const names = new Set([...a.keys(), ...b.keys()]);
  return [...names].every((name) => !name.startsWith(begin) || a.get(name) === b.get(name));
}
