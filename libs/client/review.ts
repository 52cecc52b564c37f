// Work that the server can no longer merge by itself, as a list of fields for a person to look at: what it was, and what it
// became here. Taken, it is written into the current document as an edit like any other.
import { isRecord, type Json, jsonEqual } from '@hakiri/base/json';
import { readConfig } from '@hakiri/config-doc/read';
import { applyEdit } from '@hakiri/config-doc/reconcile';
import { type ConfigDraft, PipelineDraft, VariableDraft } from '@hakiri/contracts/config';
import { Check } from '@sinclair/typebox/value';
import type { LoroDoc } from 'loro-crdt';
import type { ReviewChange, ReviewPatch } from './review-patch.ts';

type Root = ReviewChange['root'];
type Draft = ConfigDraft[Root][number];
const ROOTS: readonly Root[] = ['pipelines', 'variables'];

export function compareConfigs(before: ConfigDraft, mine: ConfigDraft): ReviewPatch {
  return ROOTS.flatMap((root) => {
    const then = new Map<string, Draft>(before[root].map((draft) => [draft.key, draft]));
    const now = new Map<string, Draft>(mine[root].map((draft) => [draft.key, draft]));
    return [...new Set([...then.keys(), ...now.keys()])].flatMap((key) => {
      const [was, is] = [then.get(key), now.get(key)];
      const name = nameOf(is ?? was) ?? key;
      return differences(was, is, []).map((change): ReviewChange => ({ root, key, name, ...change }));
    });
  });
}

/** How many pipelines and variables changed. What does not fit any more is left out. Leaves committing to the caller. */
export function applyReviewPatch(doc: LoroDoc, patch: ReviewPatch): number {
  const config = readConfig(doc);
  const edit = {
    put: draftsAfter(config.pipelines, 'pipelines', patch).filter((draft) => Check(PipelineDraft, draft)),
    putVariables: draftsAfter(config.variables, 'variables', patch).filter((draft) =>
      Check(VariableDraft, draft),
    ),
    delete: deletedIn('pipelines', patch),
    deleteVariables: deletedIn('variables', patch),
  };
  return applyEdit(doc, edit);
}

function differences(
  was: unknown,
  is: unknown,
  path: readonly string[],
): Pick<ReviewChange, 'path' | 'before' | 'mine'>[] {
  if (isRecord(was) && isRecord(is))
    return [...new Set([...Object.keys(was), ...Object.keys(is)])].flatMap((key) =>
      differences(was[key], is[key], [...path, key]),
    );
  if (isJson(was) && isJson(is) && jsonEqual(was, is)) return [];
  return [
    {
      path: [...path],
      ...(was === undefined ? {} : { before: was }),
      ...(is === undefined ? {} : { mine: is }),
    },
  ];
}

function draftsAfter(current: readonly Draft[], root: Root, patch: ReviewPatch): unknown[] {
  const drafts = new Map<string, unknown>(current.map((draft) => [draft.key, draft]));
  const touched = new Set<string>();
  for (const change of patch) {
    if (change.root !== root) continue;
    if (change.path.length === 0 && change.mine === undefined) continue;
    // Deleted by others meanwhile: single fields make no whole entity.
    if (change.path.length > 0 && !drafts.has(change.key)) continue;
    drafts.set(change.key, withField(drafts.get(change.key), change.path, change.mine));
    touched.add(change.key);
  }
  return [...touched].map((key) => drafts.get(key));
}

function withField(value: unknown, path: readonly string[], mine: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return mine;
  const record: Record<string, unknown> = isRecord(value) ? { ...value } : {};
  const next = withField(record[key], rest, mine);
  if (next === undefined) delete record[key];
  else record[key] = next;
  return record;
}

function deletedIn(root: Root, patch: ReviewPatch): string[] {
  return patch
    .filter((change) => change.root === root && change.path.length === 0 && change.mine === undefined)
    .map(({ key }) => key);
}

function nameOf(draft: Draft | undefined): string | undefined {
  if (draft === undefined) return undefined;
  const name = 'id' in draft ? draft.id : draft.name;
  return typeof name === 'string' ? name : undefined;
}

function isJson(value: unknown): value is Json | undefined {
  return value === undefined || value === null || typeof value !== 'function';
}
