// A variable under another name or gone, with the pipelines that refer to it following in the same step.
import { isRecord } from '@hakiri/base/json';
import { commitEdit, deleteVariable, setVariable } from '@hakiri/config-doc/edit';
import { readTransform, transformKeys } from '@hakiri/config-doc/read';
import {
  childMap,
  childText,
  entityOf,
  pipelinesOf,
  transformsOf,
  variablesOf,
} from '@hakiri/config-doc/schema';
import { writeText, writeValue } from '@hakiri/config-doc/write';
import type { LoroDoc } from 'loro-crdt';
import { textOf } from '../../live/text-of.ts';
import { typedInto } from '../form/typed-text.ts';

/** As one's own edits in this page are told from others'. */
const ORIGIN = 'page';
const NAME = /^[A-Z][A-Z0-9_]{0,99}$/;

export function wrongName(name: string, taken: ReadonlySet<string>): 'invalid' | 'taken' | undefined {
  if (!NAME.test(name)) return 'invalid';
  return taken.has(name) ? 'taken' : undefined;
}

export function createVariable(doc: LoroDoc, name: string, value: string, comment: string): string {
  return commitEdit(doc, ORIGIN, () => setVariable(doc, { name, value, comment }));
}

/**
 * `shown` is what stood in the input when it was typed into: only the difference is written, into what stands there by now. False
 * when the variable is gone.
 */
export function writeVariable(
  doc: LoroDoc,
  key: string,
  field: 'value' | 'comment',
  typed: string,
  shown?: string,
): boolean {
  return commitEdit(doc, ORIGIN, () => {
    const entity = entityOf(variablesOf(doc), key);
    if (!entity) return false;
    const now = textOf(entity.get(field));
    writeText(entity, field, typedInto(now, shown ?? now, typed));
    return true;
  });
}

/** In `pipelines` too, as one step. Answers in how many fields; undefined when the variable is gone. */
export function renameVariable(
  doc: LoroDoc,
  key: string,
  to: string,
  pipelines: readonly string[],
): number | undefined {
  return commitEdit(doc, ORIGIN, () => {
    const entity = entityOf(variablesOf(doc), key);
    if (!entity) return undefined;
    const from = textOf(entity.get('name'));
    writeValue(entity, 'name', to);
    return replaceAll(doc, pipelines, from, `\${${to}}`);
  });
}

/** With its value in its place in `pipelines`, as one step. Answers in how many fields; undefined when it is gone already. */
export function removeVariable(doc: LoroDoc, key: string, pipelines: readonly string[]): number | undefined {
  return commitEdit(doc, ORIGIN, () => {
    const entity = entityOf(variablesOf(doc), key);
    if (!entity) return undefined;
    const count = replaceAll(doc, pipelines, textOf(entity.get('name')), textOf(entity.get('value')));
    deleteVariable(doc, key);
    return count;
  });
}

function replaceAll(doc: LoroDoc, pipelines: readonly string[], name: string, by: string): number {
  const reference = `\${${name}}`;
  const replaced = (text: string): string => text.split(reference).join(by);
  return pipelines.reduce((count, key) => count + replaceIn(doc, key, replaced), 0);
}

/** Where validation looks for references, and nowhere else. */
function replaceIn(doc: LoroDoc, key: string, replaced: (text: string) => string): number {
  const entity = entityOf(pipelinesOf(doc), key);
  if (!entity) return 0;
  let count = 0;
  for (const part of ['source', 'destination']) {
    const map = childMap(entity, part);
    const values: unknown = map.toJSON();
    for (const [field, value] of Object.entries(isRecord(values) ? values : {}))
      if (typeof value === 'string' && replaced(value) !== value)
        count += writeValue(map, field, replaced(value));
  }
  for (const each of new Set(transformKeys(doc, key))) {
    const transform = entityOf(transformsOf(doc), each);
    if (!transform || !readTransform(doc, each, key)) continue;
    const body = childText(transform, 'body').toString();
    if (replaced(body) !== body) count += writeText(transform, 'body', replaced(body));
  }
  return count;
}
