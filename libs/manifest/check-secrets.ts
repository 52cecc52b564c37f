// Secrets are referred to by name, `${secret:NAME}`, and known to nodes alone: a manifest is read by many and kept for ever. What
// looks like a secret itself is refused. The issue never repeats it.
import { isRecord } from '@hakiri/base/json';
import {
  type ConfigIssue,
  type PipelineDraft,
  SECRET_NAME,
  type VariableDraft,
} from '@hakiri/contracts/config';
import { issue, pointer } from './issue.ts';

/** A text at `path`, and the name of the field that it is the value of. */
type Written = { path: string; field: string; text: string };

/** Forms that the issuers of secrets gave them so that they are found, and what nobody writes by chance. */
const FORMS = [
  'A(?:KIA|SIA)[0-9A-Z]{16}',
  'gh[pousr]_[A-Za-z0-9]{36}',
  'github_pat_[A-Za-z0-9_]{22,}',
  'glpat-[A-Za-z0-9_-]{20}',
  'xox[abeprs]-[A-Za-z0-9-]{10,}',
  '(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{16,}',
  'sk-[A-Za-z0-9_-]{32,}',
  'AIza[A-Za-z0-9_-]{35}',
  'ya29\\.[A-Za-z0-9_-]{20,}',
  'npm_[A-Za-z0-9]{36}',
  'pypi-[A-Za-z0-9_-]{50,}',
  'hf_[A-Za-z0-9]{30,}',
  'dop_v1_[a-f0-9]{64}',
  'SG\\.[A-Za-z0-9_-]{22}\\.[A-Za-z0-9_-]{43}',
  'eyJ[A-Za-z0-9_-]{10,}\\.eyJ[A-Za-z0-9_-]{10,}\\.[A-Za-z0-9_-]{10,}',
];
const FORM = new RegExp(`(?:^|[^A-Za-z0-9_])(?:${FORMS.join('|')})(?![A-Za-z0-9])`);
const PRIVATE_KEY = /-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----/;
/** `scheme://user:password@host`. */
const IN_ADDRESS = /[a-z][a-z0-9+.-]{0,20}:\/\/[^\s/:@?#]{0,100}:([^\s/@?#]{1,200})@/i;
/** `?token=…`, `password=…;`, `"api_key": "…"` inside a longer text. */
const ASSIGNED =
  /(?:password|passwd|pwd|secret|token|api[_-]?key|access[_-]?key)["']?\s{0,3}[=:]\s{0,3}["']?([^\s"'&;,})]{8,200})/gi;
/** The name of what holds a secret. */
export const SECRET_FIELD = /password|passwd|secret|token|api_?key|access_?key|private_?key|credential/i;
/** Of letters that one letter of a random text tells; words are below. */
const ENTROPY_LIMIT_BITS = 2.8;
const TOKEN_MIN_CHARS = 12;
/** A reference to a secret or to a variable: what it stands for is not here. */
const REFERENCE = /\$\{[^}]{0,120}\}/g;
const SECRET_REFERENCE = /\$\{secret:([^}]{0,120})\}/g;
/** Most entries have none of it: one look at all their texts says so. */
const SUSPICIOUS = new RegExp(
  `PRIVATE KEY|://[^\\s/]*@|\\$\\{secret:|${SECRET_FIELD.source}|pwd|api-key|access-key|${FORM.source}`,
  'i',
);

/** `path` is the entry's own pointer. */
export function checkPipelineSecrets(draft: PipelineDraft, path: string): ConfigIssue[] {
  const texts = [
    ...textsOf(draft.source, `${path}/source`),
    ...textsOf(draft.destination, `${path}/destination`),
    ...textsOf({ name: draft.name, description: draft.description, group: draft.group }, path),
    ...(Array.isArray(draft.tags) ? draft.tags : []).flatMap((text, index) =>
      typeof text === 'string' ? [{ path: `${path}/tags/${index}`, field: 'tag', text }] : [],
    ),
    ...(Array.isArray(draft.transforms) ? draft.transforms : []).flatMap((transform, index) =>
      isRecord(transform) ? textsOf({ body: transform.body }, `${path}/transforms/${index}`) : [],
    ),
  ];
  return check(texts, typeof draft.id === 'string' ? draft.id : '');
}

export function checkVariableSecrets(draft: VariableDraft, path: string): ConfigIssue[] {
  const name = typeof draft.name === 'string' ? draft.name : '';
  const value: Written[] =
    typeof draft.value === 'string' ? [{ path: `${path}/value`, field: name, text: draft.value }] : [];
  return check([...value, ...textsOf({ comment: draft.comment }, path)], '');
}

function textsOf(value: unknown, path: string): Written[] {
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([field, text]) =>
    typeof text === 'string' ? [{ path: `${path}${pointer(field)}`, field, text }] : [],
  );
}

function check(texts: readonly Written[], owner: string): ConfigIssue[] {
  if (!texts.some(({ text, field }) => SUSPICIOUS.test(text) || SECRET_FIELD.test(field))) return [];
  return texts.flatMap((written) => checkText(written, owner));
}

function checkText({ path, field, text }: Written, owner: string): ConfigIssue[] {
  const wrong = [...text.matchAll(SECRET_REFERENCE)].find(([, name = '']) => !SECRET_NAME.test(name));
  if (wrong !== undefined) {
    const message =
      'Refer to a secret by its name, such as `${secret:GITHUB_TOKEN}`: capital letters, digits and "_", beginning with a letter, at most 100.';
    return [issue(path, 'secret.reference_invalid', message)];
  }
  if (!isSecret(field, text.replace(REFERENCE, ' '))) return [];
  const reference = `\${secret:${secretName(owner, field)}}`;
  const message = `This looks like a secret, and a manifest is no place for one: write \`${reference}\` here, give its value to the nodes under that name, and replace the secret, as who could read it has it.`;
  return [{ ...issue(path, 'secret.literal', message), suggestion: { value: reference } }];
}

/** `text` without its references. */
function isSecret(field: string, text: string): boolean {
  if (FORM.test(text) || PRIVATE_KEY.test(text)) return true;
  const password = IN_ADDRESS.exec(text)?.[1];
  if (password !== undefined && password.trim() !== '') return true;
  if (SECRET_FIELD.test(field) && isToken(text.trim())) return true;
  return [...text.matchAll(ASSIGNED)].some(([, value = '']) => isToken(value));
}

/** One word, long and mixed enough to be made by chance, not by people. */
function isToken(text: string): boolean {
  if (text.length < TOKEN_MIN_CHARS || /\s/.test(text) || /^[a-z]+:\/\//i.test(text)) return false;
  const kinds = [/[a-z]/, /[A-Z]/, /[0-9]/, /[^A-Za-z0-9]/].filter((kind) => kind.test(text)).length;
  return kinds >= 2 && /[0-9A-Z]/.test(text) && entropyBits(text) >= ENTROPY_LIMIT_BITS;
}

/** Shannon's, for each letter. */
function entropyBits(text: string): number {
  const counts = new Map<string, number>();
  for (const char of text) counts.set(char, (counts.get(char) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}

/** `gh-issues` and `token` give GH_ISSUES_TOKEN. */
function secretName(owner: string, field: string): string {
  const name = `${owner}_${field}`
    .toUpperCase()
    .replace(/[^A-Z0-9]+/g, '_')
    .replace(/^[^A-Z]+|_+$/g, '')
    .slice(0, 100);
  return name === '' ? 'NAME' : name;
}
