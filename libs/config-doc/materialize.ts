// One page of a scope at exactly the version that somebody saw: what they saw is what goes live. When something in the scope was
// touched since, the answer is `moved`. Every page is checked anew, because the document lives on between pages.
import { utf8 } from '@hakiri/base/bytes';
import { type PipelineDraft, VARIABLE_REFERENCE, type VariableDraft } from '@hakiri/contracts/config';
import type { Scope } from '@hakiri/contracts/scope';
import {
  type MaterializeReply,
  type MaterializeRequest,
  MOVED_LIMIT,
  PAGE_LIMIT_BYTES,
} from '@hakiri/contracts/sync';
import type { LoroDoc } from 'loro-crdt';
import { type Changes, changedPipelines, isTouched } from './changes.ts';
import { lazyGroupPaths, readGroupPaths } from './groups.ts';
import { readPipeline, readPipelines, readVariables } from './read.ts';
import { selectScope } from './scope.ts';
import { decodeVersion, includesVersion, versionOf } from './version.ts';

/** What the envelope and the reply's own fields take of a page. */
const PAGE_OVERHEAD_BYTES = 1024;
/** Cursors: variables come before pipelines. */
const AFTER_VARIABLE = 'v:';
const AFTER_PIPELINE = 'p:';

/** `version_unknown` also when the document is behind `version`: the caller may wait and ask again. */
export function materializePage(
  doc: LoroDoc,
  request: MaterializeRequest,
  limitBytes: number = PAGE_LIMIT_BYTES,
): MaterializeReply {
  const reply = readPage(doc, request, limitBytes);
  const isNow = reply.kind === 'page' && request.version === undefined;
  return isNow ? { ...reply, version: versionOf(doc) } : reply;
}

function readPage(doc: LoroDoc, request: MaterializeRequest, limitBytes: number): MaterializeReply {
  const version = decodeVersion(request.version ?? '');
  if (request.version !== undefined && (version === undefined || !includesVersion(doc, version)))
    return { kind: 'version_unknown' };
  const isNamed = request.scope.kind === 'pipelines';
  const groups = isNamed ? undefined : readGroupPaths(doc);
  const keys = selectScope(doc, request.scope, groups);
  const moved = version && movedIn(doc, request.scope, keys, changedPipelines(doc, version));
  if (moved !== undefined) return { kind: 'moved', pipelines: moved.slice(0, MOVED_LIMIT) };

  const after = request.after ?? AFTER_VARIABLE;
  const page = new Page(limitBytes - PAGE_OVERHEAD_BYTES);
  if (after.startsWith(AFTER_VARIABLE)) {
    const from = after.slice(AFTER_VARIABLE.length);
    for (const variable of readVariables(doc)) {
      if (variable.key <= from) continue;
      if (!page.take(variable, `${AFTER_VARIABLE}${variable.key}`))
        return page.full(variable.key, limitBytes);
      page.variables.push(variable);
    }
  }
  const from = after.startsWith(AFTER_PIPELINE) ? after.slice(AFTER_PIPELINE.length) : '';
  const paths = groups ?? lazyGroupPaths(doc);
  for (const key of keys) {
    if (key <= from) continue;
    const draft = readPipeline(doc, key, paths);
    if (draft === undefined) continue;
    if (!page.take(draft, `${AFTER_PIPELINE}${key}`)) return page.full(key, limitBytes);
    page.pipelines.push(draft);
  }
  return page.last();
}

class Page {
  readonly pipelines: PipelineDraft[] = [];
  readonly variables: VariableDraft[] = [];
  private readonly limitBytes: number;
  private sizeBytes = 0;
  private cursor: string | undefined;

  constructor(limitBytes: number) {
    this.limitBytes = limitBytes;
  }

  /** False when the page is full. */
  take(entry: unknown, cursor: string): boolean {
    const sizeBytes = this.sizeBytes + utf8(JSON.stringify(entry)).length + 1;
    if (sizeBytes > this.limitBytes) return false;
    this.sizeBytes = sizeBytes;
    this.cursor = cursor;
    return true;
  }

  /** A full page; when not even its first entry fitted, that one is too large for any page. */
  full(key: string, limitBytes: number): MaterializeReply {
    if (this.cursor === undefined) return { kind: 'too_large', key, limitBytes };
    return { ...this.last(), next: this.cursor };
  }

  last(): Extract<MaterializeReply, { kind: 'page' }> {
    const { pipelines, variables, sizeBytes } = this;
    return { kind: 'page', pipelines, variables, sizeBytes };
  }
}

/** Undefined when nothing in the scope was touched; `keys` are what it takes now. */
function movedIn(
  doc: LoroDoc,
  scope: Scope,
  keys: readonly string[],
  changes: Changes,
): string[] | undefined {
  if (changes.kind === 'all') return [...keys];
  if ((scope.kind === 'group' || scope.kind === 'selection') && changes.groups) return [...keys];
  const moved = new Set(lostBy(scope, changes));
  const hasTouched = changes.pipelines.size + changes.transforms.size > 0;
  if (hasTouched) for (const key of keys) if (isTouched(doc, changes, key)) moved.add(key);
  if (moved.size === 0) for (const key of usersOf(doc, keys, changes.variables)) moved.add(key);
  return moved.size === 0 ? undefined : [...moved];
}

/** Pipelines that the scope may have had at the version and has no more. Whoever is unsure says so. */
function lostBy(scope: Scope, changes: Extract<Changes, { kind: 'some' }>): string[] {
  switch (scope.kind) {
    case 'all':
      return [...changes.deleted];
    case 'group':
      return [...changes.deleted, ...changes.regrouped];
    case 'pipelines':
      return lostByNames(scope.pipelines, changes);
    case 'selection':
      return [...changes.deleted, ...changes.regrouped, ...lostByNames(scope.pipelines, changes)];
  }
}

function lostByNames(names: readonly string[], changes: Extract<Changes, { kind: 'some' }>): string[] {
  // Keys alone are sure of what they name.
  const named = new Set(names);
  const gone = [...changes.deleted, ...changes.renamed];
  const hasIds = names.some((name) => !/^[0-9A-Z]{26}$/.test(name));
  return hasIds ? gone : gone.filter((key) => named.has(key));
}

/** Pipelines that use a variable which was touched: by its name of now, or by a name that is not defined any more. */
function usersOf(doc: LoroDoc, keys: readonly string[], touched: ReadonlySet<string>): string[] {
  if (touched.size === 0) return [];
  const variables = readVariables(doc);
  const untouched = new Set(variables.filter(({ key }) => !touched.has(key)).map(({ name }) => name));
  const now = new Set(variables.filter(({ key }) => touched.has(key)).map(({ name }) => name));
  return readPipelines(doc, keys)
    .filter((draft) => {
      const names = [...JSON.stringify(draft).matchAll(VARIABLE_REFERENCE)].map((match) => match[1]);
      return names.some((name) => now.has(name) || !untouched.has(name));
    })
    .map(({ key }) => key);
}
