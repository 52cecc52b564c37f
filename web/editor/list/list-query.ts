// What somebody looks for in the list, as it stands in the page's address, and whether a pipeline is that.
import { isInGroup } from '@hakiri/config-doc/group-path';
import type { Mark } from '../../live/marks.ts';
import type { PipelineHead } from '../../live/pipelines.ts';

export type ListQuery = {
  /** Words that all have to be found in id, name, group or tags. */
  q?: string;
  /** Path; those below it go along. */
  group?: string;
  enabled?: 'on' | 'off';
  /** Those that are not live as they are, or those that an Apply would say something about. */
  only?: 'unapplied' | 'issues';
};

const QUERY_LIMIT = 200;
const GROUP_LIMIT = 500;

/** Of an address that anybody may have typed. */
export function parseQuery(search: Record<string, unknown>): ListQuery {
  const { enabled, only } = search;
  const q = textIn(search.q, QUERY_LIMIT);
  const group = textIn(search.group, GROUP_LIMIT);
  return {
    ...(q !== '' ? { q } : {}),
    ...(group !== '' ? { group } : {}),
    ...(enabled === 'on' || enabled === 'off' ? { enabled } : {}),
    ...(only === 'unapplied' || only === 'issues' ? { only } : {}),
  };
}

/** Numbers and the like are how a router reads `?q=42`. */
function textIn(value: unknown, limit: number): string {
  const isPlain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  return isPlain ? String(value).slice(0, limit) : '';
}

export function isEmptyQuery({ q = '', group, enabled, only }: ListQuery): boolean {
  return q.trim() === '' && group === undefined && enabled === undefined && only === undefined;
}

export type Matcher = (head: PipelineHead, mark: Mark | undefined) => boolean;

export function matcherOf({ q = '', group, enabled, only }: ListQuery): Matcher {
  const words = q.toLowerCase().split(/\s+/).filter(Boolean);
  return (head, mark) => {
    if (group !== undefined && !isInGroup(head.group, group)) return false;
    if (enabled !== undefined && head.enabled !== (enabled === 'on')) return false;
    if (only === 'unapplied' && mark?.change === undefined) return false;
    if (only === 'issues' && (mark?.errors ?? 0) + (mark?.warnings ?? 0) === 0) return false;
    if (words.length === 0) return true;
    const text = searched(head);
    return words.every((word) => text.includes(word));
  };
}

const texts = new WeakMap<PipelineHead, string>();

/** Made once of each, until it changes. */
function searched(head: PipelineHead): string {
  const known = texts.get(head);
  if (known !== undefined) return known;
  const text = [head.id, head.name, head.group, ...head.tags].join('\n').toLowerCase();
  texts.set(head, text);
  return text;
}
