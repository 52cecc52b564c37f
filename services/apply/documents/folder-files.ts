// Several files as one configuration. An entry that stands twice belongs to nobody, so both places are named. Pure.
import { utf8 } from '@hakiri/base/bytes';
import type { DroppedComments } from '@hakiri/contracts/apply';
import type { ConfigDraft, ConfigIssue } from '@hakiri/contracts/config';
import { FOLDER_BYTES_LIMIT, type FolderFile } from '@hakiri/contracts/merge';
import { ProblemError } from '@hakiri/contracts/problem';
import { fileIssues } from '@hakiri/manifest/check-file';
import { issue, pointer } from '@hakiri/manifest/issue';
import { parseManifest } from '@hakiri/manifest/parse';
import { commentsOf } from '@hakiri/manifest/toml-comments';
import { parseConfigJson } from './config-json.ts';

export type FolderRead =
  | { kind: 'read'; draft: ConfigDraft; comments: DroppedComments[] }
  | { kind: 'refused'; issues: ConfigIssue[] };

/** What a merge may be sent. @throws ProblemError */
export function refuseUnfit(files: readonly FolderFile[]): void {
  const names = new Set<string>();
  let bytes = 0;
  for (const { name, text } of files) {
    if (names.has(name))
      throw new ProblemError(
        'malformed',
        `Nothing was merged: \`${name}\` is among the files twice. Send each file once.`,
      );
    names.add(name);
    bytes += utf8(text).length;
  }
  if (bytes > FOLDER_BYTES_LIMIT)
    throw new ProblemError(
      'too_large',
      `Nothing was merged: the files have ${bytes} bytes, and ${FOLDER_BYTES_LIMIT} go at once. Split them over several documents.`,
    );
}

/** Yields after each file. */
export function* readFolder(files: readonly FolderFile[]): Generator<undefined, FolderRead> {
  const draft: ConfigDraft = { pipelines: [], variables: [] };
  const comments: DroppedComments[] = [];
  const issues: ConfigIssue[] = [];
  const places = { pipelines: new Map<string, string>(), variables: new Map<string, string>() };
  for (const { name: file, text } of files) {
    yield undefined;
    const isJson = file.toLowerCase().endsWith('.json');
    const parsed = isJson ? parseConfigJson(text) : parseManifest(text);
    const found = fileIssues(parsed);
    issues.push(...found.map((one) => ({ ...one, message: `${file}: ${one.message}` })));
    if (parsed.kind === 'refused' || found.length > 0) continue;
    const { pipelines, variables } = parsed.draft;
    for (const { key, id } of pipelines)
      issues.push(...repeated('pipelines', key, id, file, places.pipelines));
    for (const { key, name } of variables)
      issues.push(...repeated('variables', key, name, file, places.variables));
    draft.pipelines.push(...pipelines);
    draft.variables.push(...variables);
    const dropped = isJson ? undefined : commentsOf(text);
    if (dropped) comments.push({ file, ...dropped });
  }
  return issues.length > 0 ? { kind: 'refused', issues } : { kind: 'read', draft, comments };
}

/** By id (or name) and by key, which nobody writes twice by intent. */
function repeated(
  root: 'pipelines' | 'variables',
  key: string,
  name: unknown,
  file: string,
  places: Map<string, string>,
): ConfigIssue[] {
  const label = typeof name === 'string' && name !== '' ? name : key;
  const marks = [
    ...(typeof name === 'string' && name !== '' ? [`name ${name}`] : []),
    ...(key === '' ? [] : [`key ${key}`]),
  ];
  const first = marks.map((mark) => places.get(mark)).find((place) => place !== undefined);
  for (const mark of marks) if (!places.has(mark)) places.set(mark, file);
  if (first === undefined) return [];
  const where = first === file ? `twice in ${file}` : `in ${first} and in ${file}`;
  return [issue(pointer(root, label), 'files.repeated', `\`${label}\` stands ${where}: keep one of them.`)];
}
