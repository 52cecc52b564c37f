// What met what while somebody worked without a server: from the document's history since they left.
import type { HistoryEntry } from '@hakiri/contracts/notice';

export type Meeting = {
  /** Its key. */
  pipeline: string;
  /** Fields that both touched; empty when they only met in the pipeline. */
  fields: string[];
  /** User ids of the others. */
  users: string[];
};

export type Summary = {
  /** Keys of the pipelines that this person changed meanwhile, here or on another device. */
  mine: string[];
  /** Keys of those that others changed. */
  others: string[];
  /** Both. */
  met: Meeting[];
};

type Touched = Map<string, { fields: Set<string>; users: Set<string> }>;

export function summarize(entries: readonly HistoryEntry[], user: string): Summary {
  const mine = touchedBy(entries.filter((entry) => entry.user === user));
  const others = touchedBy(entries.filter((entry) => entry.user !== user));
  const met = [...mine].flatMap(([pipeline, { fields }]) => {
    const other = others.get(pipeline);
    if (!other) return [];
    return [
      { pipeline, fields: [...fields].filter((field) => other.fields.has(field)), users: [...other.users] },
    ];
  });
  return { mine: [...mine.keys()], others: [...others.keys()], met };
}

function touchedBy(entries: readonly HistoryEntry[]): Touched {
  const touched: Touched = new Map();
  for (const { user, changes } of entries)
    for (const { root, key, pipeline, fields } of changes) {
      const of = root === 'pipelines' ? key : pipeline;
      if (of === undefined) continue;
      const known = touched.get(of) ?? { fields: new Set(), users: new Set() };
      touched.set(of, known);
      known.users.add(user);
      for (const field of fields) known.fields.add(root === 'pipelines' ? field : `${root}.${key}.${field}`);
    }
  return touched;
}
