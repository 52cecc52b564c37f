// Discarding what is not live, with a way back: what was there is kept until the news of it is gone.
import type { Client } from '@hakiri/client/client';
import { DISCARD_LIMIT, type PendingChange } from '@hakiri/contracts/pending';
import type { Workspace } from '../live/workspace.ts';
import { announce } from '../parts/announce.ts';
import { changes as changesWords } from '../strings/en-changes.ts';
import type { Root } from './change-rows.ts';
import { type Discarded, type ToBeDiscarded, undoDiscard } from './undo-discard.ts';

const text = changesWords;

/** `fields`: JSON pointers; all that differs without. */
export type ToDiscard = { root: Root; change: PendingChange; fields?: readonly string[] };

type Drafts = {
  pipelines: Pick<Workspace['pipelines'], 'draft'>;
  variables: Pick<Workspace['variables'], 'list'>;
};
type Place = Drafts & {
  docId: string;
  connection: Pick<Workspace['connection'], 'status' | 'saved' | 'version' | 'doc'>;
  unapplied: Pick<Workspace['unapplied'], 'again'>;
};

/** @throws ApiProblem, Unreachable */
export async function discard(
  client: { apply: Pick<Client['apply'], 'discard'> },
  workspace: Place,
  items: readonly ToDiscard[],
  name: string,
): Promise<void> {
  const { connection, docId, unapplied } = workspace;
  // Offline there is nothing to wait for that comes soon.
  if (connection.status().kind === 'offline') throw new Error(text.discardOffline);
  await connection.saved();
  const version = connection.version();
  const before = items.map((item) => withDraft(workspace, item));
  const gone: Discarded[] = [];
  let keptCount = 0;
  try {
    for (let from = 0; from < items.length; from += DISCARD_LIMIT) {
      const part = items.slice(from, from + DISCARD_LIMIT);
      const of = (root: Root) =>
        part
          .filter((item) => item.root === root)
          .map(({ change, fields }) => ({ key: change.key, ...(fields ? { fields: [...fields] } : {}) }));
      const result = await client.apply.discard({
        doc: docId,
        // Pipelines that somebody touched since stay.
        version,
        pipelines: of('pipelines').map(({ key, ...rest }) => ({ pipeline: key, ...rest })),
        variables: of('variables').map(({ key, ...rest }) => ({ variable: key, ...rest })),
      });
      const discarded = new Set(result.discarded);
      const there = before
        .slice(from, from + DISCARD_LIMIT)
        .filter(({ change }) => discarded.has(change.key));
      gone.push(...there.map((item) => ({ ...item, version: result.version })));
      keptCount += result.kept.length;
    }
  } finally {
    // What was discarded before a part that failed has its way back, too.
    unapplied.again();
    if (keptCount > 0) announce(text.keptSome(keptCount));
    if (gone.length > 0)
      announce(gone.length === 1 ? text.discarded(name) : text.discardedMany(gone.length), {
        label: text.undo,
        isWayBack: true,
        run: () => announce(text.undone(undoDiscard(connection.doc, gone))),
      });
  }
}

/** As it is in the document now, and of the change only what is discarded. */
function withDraft({ pipelines, variables }: Drafts, { root, change, fields }: ToDiscard): ToBeDiscarded {
  const part: PendingChange =
    change.kind === 'changed' && fields
      ? { ...change, fields: change.fields.filter(({ path }) => fields.includes(path)) }
      : change;
  if (root === 'pipelines') return { root, change: part, draft: pipelines.draft(change.key) };
  return { root, change: part, draft: variables.list.get().find(({ key }) => key === change.key) };
}
