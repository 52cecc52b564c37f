// Minor revisions: what only people read, taken from the document into what was last applied once editing came to rest. Sync says
// when; it becomes a request like any other, in the team's queue, which reads what there is by then.
import { utf8 } from '@hakiri/base/bytes';
import { canonicalJson } from '@hakiri/base/json';
import { DEFAULT_DOC } from '@hakiri/contracts/names';
import type { RestedData, SettleRequest } from '@hakiri/contracts/pending';
import { EMPTY_CONFIG } from '@hakiri/manifest/canonical';
import { takeCosmetic } from '@hakiri/manifest/cosmetic';
import { changedNames } from '@hakiri/manifest/diff';
import { digestOf } from '@hakiri/manifest/digest';
import { comparePending, type TouchedNow } from '@hakiri/manifest/pending';
import type { Slices } from '@hakiri/service/slices';
import type { Verdict } from '@hakiri/substrate/bus';
import type { Target } from '../documents/outline.ts';
import type { TouchedPage, TouchedPort } from '../documents/touched.ts';
import { crossesProtection } from '../policy/policy.ts';
import type { Bodies } from '../publish/bodies.ts';
import { type Body, bodyOf } from '../publish/body.ts';
import type { Store } from '../store/store.ts';
import type { History } from '../store/store-history.ts';
import { causeOf, type RequestRow } from '../store/store-rows.ts';
import type { RequestState } from './apply-machine.ts';
import type { PrepareRequest } from './fresh.ts';

/** The team has many unfinished requests. */
const FULL_RETRY_MS = 5_000;
/** Of whose outcome sync is to hear; the oldest are forgotten, which costs a comparison. */
const SETTLING_LIMIT = 1_000;
/** Whose edits they were is on record; of some from long ago it is not. */
const NOBODY = 'unknown';
const NOTHING = { config: EMPTY_CONFIG, body: { bytes: utf8(''), digest: '' }, warnings: [], changed: [] };

export function createMinor(deps: {
  touched: TouchedPort;
  store: Pick<Store, 'accept' | 'policy'>;
  history: Pick<History, 'latest'>;
  bodies: Bodies;
  slices: Slices;
  /** A request was made. */
  onAccepted(): void;
}) {
  const { touched, store, history, bodies } = deps;
  const settling = new Map<string, SettleRequest>();

  /** As far as it is of one version: an edit in between makes the document rest again. */
  async function read(target: Target, row: RequestRow): Promise<TouchedPage | undefined> {
    const cause = causeOf(row, row.id);
    const first = await touched.page(target, { only: 'cosmetic' }, cause);
    if (first === undefined) return undefined;
    const all = {
      ...first,
      pipelines: [...first.pipelines],
      variables: [...first.variables],
      gone: { pipelines: [...first.gone.pipelines], variables: [...first.gone.variables] },
    };
    while (all.next !== undefined) {
      const page = await touched.page(target, { only: 'cosmetic', after: all.next }, cause);
      if (page?.version !== first.version) break;
      all.pipelines.push(...page.pipelines);
      all.variables.push(...page.variables);
      all.gone.pipelines.push(...page.gone.pipelines);
      all.gone.variables.push(...page.gone.variables);
      if (page.next === undefined) delete all.next;
      else all.next = page.next;
    }
    return all;
  }

  const prepare: PrepareRequest = async (row, lastRevision) => {
    const { team, body } = row;
    const target = { team, doc: body.doc ?? DEFAULT_DOC };
    const now = lastRevision === undefined ? undefined : await read(target, row);
    if (lastRevision === undefined || now === undefined) {
      const outcome = { ...NOTHING, kind: 'same' as const };
      return { body, preparation: { kind: 'prepared', last: undefined, outcome } };
    }
    const config = await bodies.config(team, lastRevision);
    const { digest } = lastRevision;
    const { policy } = await store.policy(team);
    const mayMove = (before: string, after: string): boolean => !crossesProtection(policy, before, after);
    const taken = takeCosmetic(config, now, target.doc, mayMove);
    const made: Body = await deps.slices.perform(bodyOf(taken));
    const isSame = made.digest === digest;
    note(row.id, {
      at: now.version,
      sequence: lastRevision.sequence + (isSame ? 0 : 1),
      same: comparePending(taken, withoutGone(now), target.doc).same,
      isPublished: now.next === undefined,
    });
    return {
      body: { ...body, version: now.version },
      preparation: {
        kind: 'prepared',
        last: { revision: lastRevision, config, digest },
        outcome: {
          kind: isSame ? 'same' : 'different',
          config: taken,
          body: made,
          warnings: [],
          changed: changedNames(config, taken),
        },
      },
    };
  };

  function note(request: string, settled: SettleRequest): void {
    settling.set(request, settled);
    const [oldest] = settling.keys();
    if (settling.size > SETTLING_LIMIT && oldest !== undefined) settling.delete(oldest);
  }

  return {
    prepare,

    /** A request for each time a document rested, however often that is told. Before the first Apply there is nothing to do. */
    rested: async (
      team: string,
      { doc, version, users }: RestedData,
      traceparent: string,
    ): Promise<Verdict> => {
      if ((await history.latest(team)) === undefined) return { kind: 'ack' };
      const body = { doc, scope: { kind: 'all' as const }, version };
      const request = {
        kind: 'minor' as const,
        team,
        author: users[0] ?? NOBODY,
        authorRole: 'editor' as const,
        // No key of a person has a slash.
        idempotencyKey: `minor/${doc}/${await digestOf(utf8(version))}`,
        bodyHash: await digestOf(utf8(canonicalJson(body))),
        body,
        traceparent,
      };
      let accepted = await store.accept(request);
      // It was given up, as somebody was away, and the document rests where it did.
      if (accepted.kind === 'repeated' && accepted.row.state === 'refused')
        accepted = await store.accept({
          ...request,
          idempotencyKey: `${request.idempotencyKey}/${accepted.row.id}`,
        });
      if (accepted.kind === 'full') return { kind: 'retry', delayMs: FULL_RETRY_MS };
      if (accepted.kind === 'accepted') deps.onAccepted();
      return { kind: 'ack' };
    },

    /** Sync hears what became of it. */
    finished: (row: RequestRow, end: RequestState): void => {
      const settled = settling.get(row.id);
      settling.delete(row.id);
      if (settled === undefined || end.kind !== 'published') return;
      const target = { team: row.team, doc: row.body.doc ?? DEFAULT_DOC };
      void touched.settle(target, settled, causeOf(row, row.id));
    },
  };
}

/** What is gone may have moved to another document: only whoever asks knows. */
function withoutGone(page: TouchedPage): TouchedNow {
  return { ...page, gone: { pipelines: [], variables: [] } };
}
