// Who changed a field last, as far as the document's history says.
import type { HistoryEntry } from '@hakiri/contracts/notice';
import { pointerParts } from '../parts/diff-values.ts';

export type LastEdit = { user: string; at: string };
export type LastEditors = {
  /** Of anything in this pipeline or variable. */
  of(key: string): LastEdit | undefined;
  /** `path` is a JSON pointer inside it. */
  ofField(key: string, path: string): LastEdit | undefined;
};

/** `entries` are the newest first. */
export function lastEditors(entries: readonly HistoryEntry[]): LastEditors {
  const edits = new Map<string, LastEdit>();
  for (const { user, at, changes } of entries) {
    const edit = { user, at };
    const note = (place: string): void => {
      if (!edits.has(place)) edits.set(place, edit);
    };
    for (const { root, key, pipeline, fields } of changes) {
      const isTransform = root === 'transforms';
      const owner = isTransform ? pipeline : key;
      if (owner === undefined) continue;
      note(owner);
      for (const field of fields) {
        // `schedule.expr` is of `schedule`, too; of one that was set as a whole the parts say nothing.
        const parts = [...(isTransform ? ['transforms', key] : []), ...field.split('.').filter(Boolean)];
        for (let end = parts.length; end > 0; end--) note(placeOf(owner, parts.slice(0, end)));
      }
    }
  }
  return {
    of: (key) => edits.get(key),
    ofField(key, path) {
      const parts = pointerParts(path);
      for (let end = parts.length; end > 0; end--) {
        const edit = edits.get(placeOf(key, parts.slice(0, end)));
        if (edit) return edit;
      }
      return undefined;
    },
  };
}

function placeOf(key: string, parts: readonly string[]): string {
  return JSON.stringify([key, ...parts]);
}
