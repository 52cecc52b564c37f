// Who deleted a pipeline, as its history tells.
import type { HistoryEntry } from '@hakiri/contracts/notice';

/** `entries` are the newest first, and the pipeline is gone: whoever made or deleted it last deleted it. */
export function deleterOf(entries: readonly HistoryEntry[], pipeline: string): string | undefined {
  return entries.find(({ changes }) =>
    changes.some(({ root, key, fields }) => root === 'pipelines' && key === pipeline && fields.includes('')),
  )?.user;
}
