// What an edit through the API has to be before it is written. Values may be anything that people can type; the shape may not:
// what has the wrong type could not be written where it belongs, and what is too big would harm everybody in the document.
import { isRecord } from '@hakiri/base/json';
import { unportable } from '@hakiri/base/portable';
import type { PipelineDraft, VariableDraft } from '@hakiri/contracts/config';
import { Key } from '@hakiri/contracts/names';
import type { EditRequest } from '@hakiri/contracts/sync';
import { MAP_FIELDS, TEXT_FIELDS } from './shape.ts';

export type Refused = { code: string; detail: string };
/** `path` begins with the entry's key; `what` reads on after it. */
type Wrong = { code: string; path: string; what: string };

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
    const refused = checkKey(draft.key) ?? first(pipelineMisfits(draft));
    if (refused !== undefined) return refused;
  }
  for (const draft of edit.putVariables) {
    const refused = checkKey(draft.key) ?? first(variableMisfits(draft));
    if (refused !== undefined) return refused;
  }
  return undefined;
}

function first(wrong: Iterable<Wrong>): Refused | undefined {
  for (const { code, path, what } of wrong) return refuse(code, `${path} ${what}`);
  return undefined;
}

/** Everything that keeps it out of a document; its key apart. */
export function* pipelineMisfits(draft: PipelineDraft): Generator<Wrong> {
  const path = `/${draft.key}`;
  for (const field of TEXT_FIELDS) yield* checkText(`${path}/${field}`, draft[field]);
  for (const field of MAP_FIELDS)
    yield* field === 'tags' ? checkTags(draft.tags, path) : checkMap(`${path}/${field}`, draft[field]);
  yield* checkText(`${path}/id`, draft.id);
  yield* checkText(`${path}/group`, draft.group);
  yield* checkTransforms(`${path}/transforms`, draft.transforms);
  yield* checkValues(draft);
}

export function* variableMisfits(draft: VariableDraft): Generator<Wrong> {
  const { key, name, value, comment } = draft;
  yield* checkText(`/${key}/name`, name);
  yield* checkText(`/${key}/value`, value);
  yield* checkText(`/${key}/comment`, comment);
  yield* checkValues(draft);
}

function* checkTransforms(path: string, transforms: unknown): Generator<Wrong> {
  if (isAbsent(transforms)) return;
  if (!Array.isArray(transforms)) {
    yield { code: 'edit.type', path, what: 'has to be a list.' };
    return;
  }
  if (transforms.length > TRANSFORMS_LIMIT) {
    const what = `has ${transforms.length} entries: at most ${TRANSFORMS_LIMIT} fit.`;
    yield { code: 'edit.too_many', path, what };
    return;
  }
  const keys = new Set<string>();
  for (const [index, transform] of transforms.entries()) {
    const at = `${path}/${index}`;
    if (!isRecord(transform)) {
      yield { code: 'edit.type', path: at, what: 'has to be an object.' };
      continue;
    }
    const { key, body, inputs } = transform;
    if (checkKey(key) !== undefined)
      yield { code: 'edit.key', path: `${at}/key`, what: 'is not a key: make a ULID for each new entry.' };
    yield* checkText(`${at}/body`, body);
    yield* checkSize(`${at}/inputs`, inputs);
    if (keys.has(String(key)))
      yield {
        code: 'edit.key_repeated',
        path: `${at}/key`,
        what: 'stands twice: give each transform its own.',
      };
    keys.add(String(key));
  }
}

/** What would be read as another value, or by somebody not at all. */
function* checkValues(draft: { key: string }): Generator<Wrong> {
  for (const { path, kind } of unportable(draft, `/${draft.key}`)) {
    const { code, detail: what } = UNPORTABLE[kind];
    yield { code, path, what };
  }
}

function checkKey(key: unknown): Refused | undefined {
  if (typeof key === 'string' && KEY.test(key)) return undefined;
  return refuse('edit.key', `\`${String(key).slice(0, 40)}\` is not a key: make a ULID for each new entry.`);
}

function* checkText(path: string, value: unknown): Generator<Wrong> {
  if (isAbsent(value)) return;
  if (typeof value !== 'string') yield { code: 'edit.type', path, what: 'has to be text.' };
  else if (value.length > TEXT_LIMIT_CHARS) {
    const what = `has ${value.length} characters: at most ${TEXT_LIMIT_CHARS} fit.`;
    yield { code: 'edit.too_large', path, what };
  }
}

function* checkTags(tags: unknown, path: string): Generator<Wrong> {
  if (isAbsent(tags)) return;
  const isList = Array.isArray(tags) && tags.every((tag) => typeof tag === 'string');
  if (isList) yield* checkSize(`${path}/tags`, tags);
  else yield { code: 'edit.type', path: `${path}/tags`, what: 'has to be a list of texts.' };
}

function* checkMap(path: string, value: unknown): Generator<Wrong> {
  if (isAbsent(value)) return;
  if (isRecord(value)) yield* checkSize(path, value);
  else yield { code: 'edit.type', path, what: 'has to be an object.' };
}

function* checkSize(path: string, value: unknown): Generator<Wrong> {
  const size = JSON.stringify(value ?? null).length;
  if (size <= FIELD_LIMIT_CHARS) return;
  const what = `has ${size} characters as JSON: at most ${FIELD_LIMIT_CHARS} fit.`;
  yield { code: 'edit.too_large', path, what };
}

function isAbsent(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

function refuse(code: string, detail: string): Refused {
  return { code, detail };
}
