// What an edit through the API has to be before it is written. Values may be anything that people can type; the shape may not:
// what has the wrong type could not be written where it belongs, and what is too big would harm everybody in the document.
import { isRecord } from '@hakiri/base/json';
import { unportable } from '@hakiri/base/portable';
import { Key } from '@hakiri/contracts/names';
import type { EditRequest } from '@hakiri/contracts/sync';
import { MAP_FIELDS, TEXT_FIELDS } from './shape.ts';

export type Refused = { code: string; detail: string };

/** Above what fits the bytes of one message, so that whoever fills a message by bytes is not refused. */
const EDIT_ENTRIES_LIMIT = 10_000;
const TEXT_LIMIT_CHARS = 64 * 1024;
const TRANSFORMS_LIMIT = 500;
/** Of one field that is not a text: columns, options, tags. */
const FIELD_LIMIT_CHARS = 256 * 1024;

/** Codes as validation has them. */
const UNPORTABLE = {
  number: {
    code: 'number.unsafe',
    detail: 'is infinite, or whole and beyond 9007199254740991: write it as a text.',
  },
  text: { code: 'text.malformed', detail: 'has half of a character: write the whole one, or leave it out.' },
  name: { code: 'name.reserved', detail: 'cannot be called `__proto__`: give it another name.' },
} as const;

const KEY = new RegExp(Key.pattern ?? '');

/** Undefined when it may be written. */
export function checkEdit(edit: EditRequest): Refused | undefined {
  const unchanged = edit.deleteUnchanged?.pipelines.length ?? 0;
  const count =
    edit.put.length + edit.putVariables.length + edit.delete.length + edit.deleteVariables.length + unchanged;
  if (count > EDIT_ENTRIES_LIMIT) {
    return refuse(
      'edit.too_many',
      `${count} entries are too many: send at most ${EDIT_ENTRIES_LIMIT} at once.`,
    );
  }
  for (const draft of edit.put) {
    const refused = checkKey(draft.key) ?? checkPipeline(draft) ?? checkValues(draft);
    if (refused !== undefined) return refused;
  }
  for (const draft of edit.putVariables) {
    const { key, name, value, comment } = draft;
    const refused = checkKey(key) ?? checkText(`/${key}/name`, name) ?? checkText(`/${key}/value`, value);
    const wrong = refused ?? checkText(`/${key}/comment`, comment) ?? checkValues(draft);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

function checkPipeline(draft: EditRequest['put'][number]): Refused | undefined {
  const path = `/${draft.key}`;
  for (const field of TEXT_FIELDS) {
    const refused = checkText(`${path}/${field}`, draft[field]);
    if (refused !== undefined) return refused;
  }
  for (const field of MAP_FIELDS) {
    const refused =
      field === 'tags' ? checkTags(draft.tags, path) : checkMap(`${path}/${field}`, draft[field]);
    if (refused !== undefined) return refused;
  }
  return (
    checkText(`${path}/id`, draft.id) ??
    checkText(`${path}/group`, draft.group) ??
    checkTransforms(`${path}/transforms`, draft.transforms)
  );
}

function checkTransforms(path: string, transforms: unknown): Refused | undefined {
  if (isAbsent(transforms)) return undefined;
  if (!Array.isArray(transforms)) return refuse('edit.type', `${path} has to be a list.`);
  if (transforms.length > TRANSFORMS_LIMIT) {
    return refuse(
      'edit.too_many',
      `${path} has ${transforms.length} entries: at most ${TRANSFORMS_LIMIT} fit.`,
    );
  }
  const keys = new Set<string>();
  for (const [index, transform] of transforms.entries()) {
    const at = `${path}/${index}`;
    if (!isRecord(transform)) return refuse('edit.type', `${at} has to be an object.`);
    const { key, body, inputs } = transform;
    const refused = checkKey(key) ?? checkText(`${at}/body`, body) ?? checkSize(`${at}/inputs`, inputs);
    if (refused !== undefined) return refused;
    if (keys.has(String(key)))
      return refuse('edit.key_repeated', `${at}/key stands twice: give each transform its own.`);
    keys.add(String(key));
  }
  return undefined;
}

/** What would be read as another value, or by somebody not at all. */
function checkValues(draft: { key: string }): Refused | undefined {
  const [found] = unportable(draft, `/${draft.key}`);
  return found && refuse(UNPORTABLE[found.kind].code, `${found.path} ${UNPORTABLE[found.kind].detail}`);
}

function checkKey(key: unknown): Refused | undefined {
  if (typeof key === 'string' && KEY.test(key)) return undefined;
  return refuse('edit.key', `\`${String(key).slice(0, 40)}\` is not a key: make a ULID for each new entry.`);
}

function checkText(path: string, value: unknown): Refused | undefined {
  if (isAbsent(value)) return undefined;
  if (typeof value !== 'string') return refuse('edit.type', `${path} has to be text.`);
  if (value.length <= TEXT_LIMIT_CHARS) return undefined;
  return refuse('edit.too_large', `${path} has ${value.length} characters: at most ${TEXT_LIMIT_CHARS} fit.`);
}

function checkTags(tags: unknown, path: string): Refused | undefined {
  if (isAbsent(tags)) return undefined;
  const isList = Array.isArray(tags) && tags.every((tag) => typeof tag === 'string');
  return isList
    ? checkSize(`${path}/tags`, tags)
    : refuse('edit.type', `${path}/tags has to be a list of texts.`);
}

function checkMap(path: string, value: unknown): Refused | undefined {
  if (isAbsent(value)) return undefined;
  return isRecord(value) ? checkSize(path, value) : refuse('edit.type', `${path} has to be an object.`);
}

function checkSize(path: string, value: unknown): Refused | undefined {
  const size = JSON.stringify(value ?? null).length;
  if (size <= FIELD_LIMIT_CHARS) return undefined;
  return refuse(
    'edit.too_large',
    `${path} has ${size} characters as JSON: at most ${FIELD_LIMIT_CHARS} fit.`,
  );
}

function isAbsent(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

function refuse(code: string, detail: string): Refused {
  return { code, detail };
}
