// What of a document is not live: what was touched in it, compared with what was last applied. What turns out to be the same is
// told to sync, so that it is compared once. Costs with what was touched, not with the document.
import type { ManifestConfig } from '@hakiri/contracts/config';
import type { PendingPage } from '@hakiri/contracts/pending';
import { ProblemError } from '@hakiri/contracts/problem';
import type { Revision } from '@hakiri/contracts/revision';
import { documentOf, EMPTY_CONFIG } from '@hakiri/manifest/canonical';
import { type Compared, comparePending, type TouchedNow } from '@hakiri/manifest/pending';
import type { Cause } from '@hakiri/service/messaging';
import { BlobStoreError } from '@hakiri/substrate/blob-store';
import { BusError } from '@hakiri/substrate/bus';
import type { Bodies } from '../publish/bodies.ts';
import type { History } from '../store/store-history.ts';
import type { Target } from './outline.ts';
import type { TouchedPage, TouchedPort } from './touched.ts';

/** What was last applied, of the whole team. */
export type Live = { revision: Revision | undefined; config: ManifestConfig };
export type Pending = ReturnType<typeof createPending>;

/** Pages that turn out to hold nothing, in one answer. */
const EMPTY_PAGES_LIMIT = 20;

export function createPending(deps: {
  touched: TouchedPort;
  history: Pick<History, 'latest'>;
  bodies: Bodies;
}) {
  const { touched, history, bodies } = deps;

  async function live(team: string): Promise<Live> {
    const revision = await history.latest(team);
    return { revision, config: revision === undefined ? EMPTY_CONFIG : await bodies.config(team, revision) };
  }

  async function compare(target: Target, { config }: Live, now: TouchedNow, cause: Cause): Promise<Compared> {
    const isGone = now.gone.pipelines.length > 0;
    return comparePending(config, now, target.doc, isGone ? await touched.moved(target, cause) : new Set());
  }

  /** Nobody knows what was touched: everything is compared, once. */
  async function compareAll(target: Target, from: Live, first: TouchedPage, cause: Cause): Promise<Compared> {
    const all: TouchedNow = {
      pipelines: [...first.pipelines],
      variables: [...first.variables],
      gone: { pipelines: [...first.gone.pipelines], variables: [...first.gone.variables] },
      tooLarge: [...first.tooLarge],
    };
    const gone = { pipelines: new Set(all.gone.pipelines), variables: new Set(all.gone.variables) };
    const tooLarge = new Set(all.tooLarge);
    for (let after = first.next; after !== undefined; ) {
      const page = await touched.page(target, { after }, cause);
      if (page === undefined) break;
      all.pipelines.push(...page.pipelines);
      all.variables.push(...page.variables);
      for (const key of page.gone.pipelines) gone.pipelines.add(key);
      for (const key of page.gone.variables) gone.variables.add(key);
      for (const key of page.tooLarge) tooLarge.add(key);
      after = page.next;
    }
    const there = new Set([...all.pipelines, ...all.variables].map(({ key }) => key).concat([...tooLarge]));
    const missing = <Entry extends { key: string; doc?: unknown }>(entries: readonly Entry[]): string[] =>
      entries
        .filter((entry) => documentOf(entry) === target.doc && !there.has(entry.key))
        .map(({ key }) => key);
    for (const key of missing(from.config.pipelines)) gone.pipelines.add(key);
    for (const key of missing(from.config.variables)) gone.variables.add(key);
    const now = {
      ...all,
      gone: { pipelines: [...gone.pipelines], variables: [...gone.variables] },
      tooLarge: [...tooLarge],
    };
    const compared = await compare(target, from, now, cause);
    const keysOf = (changes: readonly { key: string }[]): string[] => changes.map(({ key }) => key);
    const allBut = { pipelines: keysOf(compared.pipelines), variables: keysOf(compared.variables) };
    await touched.settle(
      target,
      { at: first.version, sequence: from.revision?.sequence ?? 0, same: compared.same, allBut },
      cause,
    );
    return compared;
  }

  return {
    live,

    /** One page of it. @throws ProblemError */
    page: (target: Target, after: string | undefined, cause: Cause): Promise<PendingPage> =>
      orUnavailable(async () => {
        // Before the document is read: what is published meanwhile is heard of by sync, which knows what to make of it.
        const from = await live(target.team);
        const sequence = from.revision?.sequence ?? 0;
        let cursor = after;
        for (let pages = 1; ; pages++) {
          const page = await touched.page(target, cursor === undefined ? {} : { after: cursor }, cause);
          if (page === undefined) throw new ProblemError('not_found', `There is no document ${target.doc}.`);
          const { version } = page;
          const head = {
            doc: target.doc,
            version,
            ...(from.revision === undefined ? {} : { revision: from.revision.label }),
          };
          if (page.isWhole && cursor === undefined) {
            const { pipelines, variables } = await compareAll(target, from, page, cause);
            return { ...head, pipelines, variables };
          }
          const { pipelines, variables, same } = await compare(target, from, page, cause);
          await touched.settle(target, { at: version, sequence, same }, cause);
          const isOver = page.next === undefined;
          if (isOver || pipelines.length + variables.length > 0 || pages >= EMPTY_PAGES_LIMIT)
            return { ...head, pipelines, variables, ...(isOver ? {} : { next: page.next }) };
          cursor = page.next;
        }
      }),
  };
}

const NOTHING_CHANGED = 'Sync does not answer. Nothing was changed: try again shortly.';

/** Of work that only reads, unless `away` says otherwise. @throws ProblemError, which says `away` when sync does not answer. */
export async function orUnavailable<T>(work: () => Promise<T>, away = NOTHING_CHANGED): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof BusError) throw new ProblemError('unavailable', away);
    if (error instanceof BlobStoreError)
      throw new ProblemError('unavailable', 'What was last applied cannot be read now. Try again shortly.');
    throw error;
  }
}
