// What a discard writes: what is applied in the place of what was edited, all of it or some fields, and nothing where they are equal.
import { isRecord, jsonEqual } from '@hakiri/base/json';
import type { PipelineDraft, VariableDraft } from '@hakiri/contracts/config';
import { asJson, canonicalPipeline, canonicalVariable } from './canonical.ts';

export type Discarded<Draft> =
  | { kind: 'put'; draft: Draft }
  | { kind: 'delete' }
  /** It is as it was applied. */
  | { kind: 'same' }
  /** A field of something that is there on one side alone. */
  | { kind: 'no_field'; path: string };

/** `now` is what the document has, without its name. */
export function discardPipeline(
  applied: PipelineDraft | undefined,
  now: PipelineDraft | undefined,
  fields?: readonly string[],
): Discarded<PipelineDraft> {
  return discard(applied, now, canonicalPipeline, fields);
}

export function discardVariable(
  applied: VariableDraft | undefined,
  now: VariableDraft | undefined,
  fields?: readonly string[],
): Discarded<VariableDraft> {
  return discard(applied, now, canonicalVariable, fields);
}

function discard<Draft extends { key: string; doc?: unknown }>(
  applied: Draft | undefined,
  now: Draft | undefined,
  canonical: (draft: Draft) => Draft,
  fields: readonly string[] | undefined,
): Discarded<Draft> {
  if (fields === undefined) {
    if (applied === undefined) return now === undefined ? { kind: 'same' } : { kind: 'delete' };
    if (now === undefined) return { kind: 'put', draft: withoutDoc(applied) };
    // What is held against it may be a draft itself, such as one that was to be written: a name that is left empty is the id.
    const [wanted, shown] = [canonical(applied), canonical(now)];
    return putWhere(now, (field) => !isSame(wanted, shown, field), applied);
  }
  if (applied === undefined || now === undefined) return { kind: 'no_field', path: fields[0] ?? '' };
  const target = structuredClone(now);
  const shown = canonical(now);
  for (const path of fields) {
    const names = path.split('/').slice(1).map(fromPointer);
    if (!setAt(target, applied, names)) return { kind: 'no_field', path };
  }
  return jsonEqual(asJson(canonical(target)), asJson(shown))
    ? { kind: 'same' }
    : { kind: 'put', draft: target };
}

/** Fields that do not differ stay as people wrote them, such as a name that is left empty. */
function putWhere<Draft extends { key: string; doc?: unknown }>(
  now: Draft,
  differs: (field: string) => boolean,
  applied: Draft,
): Discarded<Draft> {
  const target = structuredClone(now);
  let changed = false;
  for (const field of Object.keys(target)) {
    if (field === 'key' || field === 'doc' || !differs(field)) continue;
    Object.assign(target, { [field]: structuredClone(valueAt(applied, field) ?? null) });
    changed = true;
  }
  return changed ? { kind: 'put', draft: target } : { kind: 'same' };
}

function withoutDoc<Draft extends { doc?: unknown }>(draft: Draft): Draft {
  const copy = structuredClone(draft);
  delete copy.doc;
  return copy;
}

function isSame(a: object, b: object, field: string): boolean {
  return jsonEqual(asJson(valueAt(a, field)), asJson(valueAt(b, field)));
}

function valueAt(from: object, field: string): unknown {
  return Object.hasOwn(from, field) ? Object.entries(from).find(([name]) => name === field)?.[1] : undefined;
}

/** Sets what stands at `names` in `target` to what `applied` has there. Steps go by their key. False: there is no such place. */
function setAt(target: object, applied: object, names: readonly string[]): boolean {
  const [field, ...rest] = names;
  if (field === undefined || field === 'key' || field === 'doc' || !Object.hasOwn(target, field))
    return false;
  const before = valueAt(applied, field);
  if (rest.length === 0) {
    const held = valueAt(target, field);
    const isOrder = field === 'transforms' && Array.isArray(held) && Array.isArray(before);
    const value = isOrder ? inOrder(held, before) : structuredClone(before ?? null);
    Object.assign(target, { [field]: value });
    return true;
  }
  if (field === 'transforms') {
    const steps = setStep(valueAt(target, field), before, rest);
    if (steps !== undefined) Object.assign(target, { [field]: steps });
    return steps !== undefined;
  }
  const [name] = rest;
  if (name === undefined || rest.length > 2) return false;
  const held = valueAt(target, field);
  const record: Record<string, unknown> = isRecord(held) ? { ...held } : {};
  const old = isRecord(before) ? before[name] : undefined;
  if (rest.length === 2 && isRecord(record[name]) && isRecord(old)) {
    const column = record[name];
    const [, inner = ''] = rest;
    record[name] = old[inner] === undefined ? without(column, inner) : { ...column, [inner]: old[inner] };
  } else if (old === undefined) delete record[name];
  else record[name] = structuredClone(old);
  Object.assign(target, { [field]: record });
  return true;
}

/** `names`: a step's key, and perhaps a field of it. Undefined when neither side has it. */
function setStep(now: unknown, applied: unknown, names: readonly string[]): unknown[] | undefined {
  const [key, inner] = names;
  const steps: unknown[] = Array.isArray(now) ? now : [];
  const before: unknown[] = Array.isArray(applied) ? applied : [];
  const isIt = (step: unknown): step is Record<string, unknown> => isRecord(step) && step.key === key;
  const old = before.find(isIt);
  const held = steps.find(isIt);
  if (old === undefined && held === undefined) return undefined;
  if (old === undefined) return inner === undefined ? steps.filter((step) => !isIt(step)) : undefined;
  if (held === undefined) {
    // Behind the one it stood behind, as far as that is still there.
    const above = before
      .slice(0, before.indexOf(old))
      .filter(isRecord)
      .map(({ key: other }) => other);
    const at = steps.findLastIndex((step) => isRecord(step) && above.includes(step.key)) + 1;
    return steps.toSpliced(at, 0, structuredClone(old));
  }
  const next = inner === undefined ? structuredClone(old) : { ...held, [inner]: structuredClone(old[inner]) };
  return steps.map((step) => (isIt(step) ? next : step));
}

/** Those that both sides have stand as they stood among each other; a difference of `/transforms` itself is no more than that. */
function inOrder(now: readonly unknown[], applied: readonly unknown[]): unknown[] {
  const keyOf = (step: unknown): unknown => (isRecord(step) ? step.key : undefined);
  const held = new Map(now.map((step) => [keyOf(step), step]));
  const wanted = applied.map(keyOf).filter((key) => held.has(key));
  const shared = new Set(wanted);
  const next = wanted.values();
  return now.map((step) => (shared.has(keyOf(step)) ? held.get(next.next().value) : step));
}

function without(record: Record<string, unknown>, field: string): Record<string, unknown> {
  const { [field]: _gone, ...rest } = record;
  return rest;
}

function fromPointer(name: string): string {
  return name.replaceAll('~1', '/').replaceAll('~0', '~');
}
