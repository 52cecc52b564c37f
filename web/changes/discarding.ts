// Discarding what is not live, with a way back: what was there is kept until the news of it is gone.
import type { Client } from '@hakiri/client/client';
import { DISCARD_LIMIT, type PendingChange } from '@hakiri/contracts/pending';
import type { Workspace } from '../live/workspace.ts';
import { announce } from '../parts/announce.ts';
import { changes as changesWords } from '../strings/en-changes.ts';
import type { Root } from './change-rows.ts';
import { type Discarded, undoDiscard } from './undo-discard.ts';

const text = changesWords;

/** `fields`: JSON pointers; all that differs without. */
export type ToDiscard = { root: Root; change: PendingChange; fields?: readonly string[] };

/** @throws ApiProblem, Unreachable */
export async function discard(
  client: Pick<Client, 'apply'>,
  workspace: Pick<Workspace, 'docId' | 'connection' | 'pipelines' | 'variables' | 'unapplied'>,
  items: readonly ToDiscard[],
  name: string,
): Promise<void> {
  const { connection, docId, unapplied } = workspace;
  // Offline there is nothing to wait for that comes soon.
  if (connection.status().kind === 'offline') throw new Error(text.discardOffline);
  await connection.saved();
  const version = connection.version();
  const before = items.map((item) => withDraft(workspace, item));
  const [discarded, kept] = [new Set<string>(), new Set<string>()];
  for (let from = 0; from < items.length; from += DISCARD_LIMIT) {
    const part = items.slice(from, from + DISCARD_LIMIT);
    const of = (root: Root) =>
      part
        .filter((item) => item.root === root)
        .map(({ change, fields }) => ({ key: change.key, ...(fields ? { fields: [...fields] } : {}) }));
    const result = await client.apply.discard({
      doc: docId,
      // Pipelines that somebody touched since stay. What a part before this one wrote is no such touch.
      ...(from === 0 ? { version } : {}),
      pipelines: of('pipelines').map(({ key, ...rest }) => ({ pipeline: key, ...rest })),
      variables: of('variables').map(({ key, ...rest }) => ({ variable: key, ...rest })),
    });
    for (const key of result.discarded) discarded.add(key);
    for (const key of result.kept) kept.add(key);
  }
  unapplied.again();
  if (kept.size > 0) announce(text.keptSome(kept.size));
  const gone = before.filter(({ change }) => discarded.has(change.key));
  if (gone.length === 0) return;
  announce(gone.length === 1 ? text.discarded(name) : text.discardedMany(gone.length), {
    label: text.undo,
    isWayBack: true,
    run: () => announce(text.undone(undoDiscard(connection.doc, gone))),
  });
}

/** As it is in the document now, and of the change only what is discarded. */
function withDraft(
  { pipelines, variables }: Pick<Workspace, 'pipelines' | 'variables'>,
  { root, change, fields }: ToDiscard,
): Discarded {
  const part: PendingChange =
    change.kind === 'changed' && fields
      ? { ...change, fields: change.fields.filter(({ path }) => fields.includes(path)) }
      : change;
  if (root === 'pipelines') return { root, change: part, draft: pipelines.draft(change.key) };
  return { root, change: part, draft: variables.list.get().find(({ key }) => key === change.key) };
}
