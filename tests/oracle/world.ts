// Apply's own parts over a document as sync hosts it, in one process and without a disk: what is read, compared, prepared,
// discarded and reverted is the services' code, over the bus; the rows of requests and revisions are lists. For histories by the
// thousand: the services as a whole play the same ones, slower (../pending.test.ts).

import { DEFAULTS } from '@hakiri/apply/config';
import { createRevisions } from '@hakiri/apply/delivery/revisions';
import { createDiscard } from '@hakiri/apply/documents/discard';
import { createDocumentWriter } from '@hakiri/apply/documents/document-writer';
import { createPending } from '@hakiri/apply/documents/pending';
import { createWritePlanned } from '@hakiri/apply/documents/planned-write';
import { createRevertWriter } from '@hakiri/apply/documents/revert-writing';
import { createReverter } from '@hakiri/apply/documents/reverter';
import { createTouched } from '@hakiri/apply/documents/touched';
import { createBodies } from '@hakiri/apply/publish/bodies';
import { runtimeDigestOf } from '@hakiri/apply/publish/body';
import { composeRevision, nextName } from '@hakiri/apply/publish/revision';
import { createLooks } from '@hakiri/apply/requests/looks';
import { createMinor } from '@hakiri/apply/requests/minor';
import type { Prepared } from '@hakiri/apply/requests/prepare';
import { createPreparer } from '@hakiri/apply/requests/preparer';
import type { History } from '@hakiri/apply/store/store-history';
import type { RequestRow } from '@hakiri/apply/store/store-rows';
import type { ApplyBody } from '@hakiri/contracts/apply';
import type { Actor } from '@hakiri/contracts/envelope';
import type { DiscardBody, DiscardResult } from '@hakiri/contracts/pending';
import { NO_POLICY } from '@hakiri/contracts/policy';
import { ProblemError } from '@hakiri/contracts/problem';
import type { RevertBody, RevertResult } from '@hakiri/contracts/revert';
import { blobKey, type Revision } from '@hakiri/contracts/revision';
import type { Scope } from '@hakiri/contracts/scope';
import type { EditRequest } from '@hakiri/contracts/sync';
import { silentLogger } from '@hakiri/service/logger';
import { createMessaging } from '@hakiri/service/messaging';
import { createSlices } from '@hakiri/service/slices';
import { systemClock } from '@hakiri/substrate/clock';
import { openEmbeddedBus } from '@hakiri/substrate/embedded/bus';
import { openClient } from '@hakiri/substrate/libsql/database';
import { createSystemRandom } from '@hakiri/substrate/random';
import { rethrowLater } from '@hakiri/substrate/rethrow';
import { createMemoryBlobs } from '@hakiri/sync/testing/memory-blobs';
import type { LoroDoc } from 'loro-crdt';
import type { Pending } from '../pending-world.ts';
import { answerFor, OracleDocument } from './document.ts';

export type OracleStage = Awaited<ReturnType<typeof openOracleStage>>;
export type OracleWorld = ReturnType<OracleStage['world']>;

const USER: Actor = { kind: 'user', id: 'alice' };
const TRACE = '00-00000000000000000000000000000001-0000000000000001-01';
const CAUSE = { actor: USER };
const NEVER = new AbortController().signal;
const NOTHING: EditRequest = { put: [], putVariables: [], delete: [], deleteVariables: [] };

/** One bus for any number of worlds, each a team of its own. */
export async function openOracleStage() {
  const [clock, random, logger] = [systemClock, createSystemRandom(), silentLogger];
  const client = await openClient(':memory:');
  const bus = await openEmbeddedBus(client, clock, rethrowLater);
  const messaging = createMessaging({ bus, clock, random, logger });
  const documents = new Map<string, OracleDocument>();
  answerFor(messaging, documents);

  function world(team: string) {
    const document = new OracleDocument();
    documents.set(team, document);
    const target = { team, doc: 'main' };
    const revisions: Revision[] = [];
    const untold: Revision[] = [];
    const blobs = createMemoryBlobs();
    const history = historyOf(revisions);
    const slices = createSlices(clock);
    let parts = start();

    /** As after a restart: what is in memory alone is gone. */
    function start() {
      const bodies = createBodies({ blobs, history, slices, cacheLimitBytes: 1_000_000 });
      const touched = createTouched({ messaging, logger, ...DEFAULTS });
      const pending = createPending({ touched, history, bodies });
      const writer = createDocumentWriter(messaging, DEFAULTS);
      const writing = { writer, messaging, ...DEFAULTS };
      const store = {
        audit: async () => {},
        policy: async () => ({ version: 0, policy: NO_POLICY }),
        accept: never,
      };
      const onAudited = (): void => {};
      return {
        bodies,
        pending,
        prepare: createPreparer({
          messaging,
          bodies,
          places: async () => undefined,
          slices,
          limits: DEFAULTS,
        }),
        minor: createMinor({ touched, store, history, bodies, slices, onAccepted: onAudited }),
        discard: createDiscard({ touched, pending, ...writing, store, onAudited }),
        reverter: createReverter({
          writer: createRevertWriter({
            ...writing,
            writePlanned: createWritePlanned({ writer, store, onAudited }),
            revisions: createRevisions({ history, bodies, logger }),
            history,
            random,
            clock,
            openRequestsLimit: DEFAULTS.openRequestsLimit,
          }),
          applies: { repeated: never, ask: never },
          looks: createLooks(DEFAULTS, () => {}),
        }),
      };
    }

    async function publish(
      kind: 'apply' | 'minor',
      body: ApplyBody,
      outcome: Exclude<Prepared, { kind: 'invalid' }>,
    ): Promise<void> {
      const name = nextName(revisions.at(-1), kind);
      const runtimeDigest = await slices.perform(runtimeDigestOf(outcome.config));
      const prepared = { ...outcome, runtimeDigest };
      const revision = composeRevision({ author: 'alice', body }, name, prepared, clock.now());
      parts.bodies.remember(revision, outcome.config);
      await blobs.putIfAbsent(blobKey(team, revision.file), outcome.body.bytes);
      revisions.push(revision);
      untold.push(revision);
    }

    return {
      document,
      revisions: async () => revisions.toReversed(),
      version: async () => document.version,
      edit: async (edit: Partial<EditRequest>) => document.edit({ ...NOTHING, ...edit }, USER),
      write: (edit: (doc: LoroDoc) => void) => document.write(edit),

      /** Sync hears of what was published, a while later. */
      tell: (): void => {
        for (const { changed: _changed, ...note } of untold.splice(0)) document.applied(note);
      },

      apply: async (scope: Scope, at: string = document.version): Promise<{ state: string; why: string }> => {
        const body: ApplyBody = { doc: 'main', scope, version: at };
        const prepared = await parts.prepare(team, body, revisions.at(-1), CAUSE);
        if (prepared.kind !== 'prepared') return { state: prepared.kind, why: JSON.stringify(prepared) };
        const { outcome } = prepared;
        if (outcome.kind === 'invalid') return { state: 'refused', why: JSON.stringify(outcome.issues) };
        if (outcome.kind === 'different') await publish('apply', body, outcome);
        return { state: 'published', why: '' };
      },

      pending: async (): Promise<Pending> => {
        const all: Pending = { pipelines: [], variables: [] };
        for (let after: string | undefined; ; ) {
          const page = await parts.pending.page(target, after, CAUSE);
          all.pipelines.push(...page.pipelines);
          all.variables.push(...page.variables);
          if (page.next === undefined) return all;
          after = page.next;
        }
      },

      discard: (body: DiscardBody): Promise<DiscardResult> => parts.discard(target, body, CAUSE),

      revert: async (body: RevertBody): Promise<RevertResult & { code?: string }> => {
        try {
          return await parts.reverter.revert(team, body, undefined, CAUSE, NEVER);
        } catch (error) {
          if (!(error instanceof ProblemError)) throw error;
          return { dryRun: false, to: body.to, documents: [], issues: [], code: error.code };
        }
      },

      /** Editing came to rest. */
      rest: async (): Promise<void> => {
        const body: ApplyBody = { doc: 'main', scope: { kind: 'all' }, version: document.version };
        const row = minorRow(team, random.ulid(clock.now()), body);
        const { body: read, preparation } = await parts.minor.prepare(row, revisions.at(-1));
        if (preparation.kind !== 'prepared' || preparation.outcome.kind === 'invalid')
          throw new Error('a minor revision is refused by nobody');
        const { outcome } = preparation;
        if (outcome.kind === 'different') await publish('minor', read, outcome);
        const revision = revisions.at(-1)?.sequence ?? 0;
        parts.minor.finished(row, { kind: 'published', revision, unchanged: outcome.kind === 'same' });
      },

      body: async (): Promise<string> => {
        const newest = revisions.at(-1);
        return newest === undefined ? '' : parts.bodies.text(team, newest);
      },

      restart: async (isBased = false): Promise<void> => {
        document.restart(isBased);
        parts = start();
      },

      close: async (): Promise<void> => {
        documents.delete(team);
        document.free();
      },
    };
  }

  return {
    world,
    close: async (): Promise<void> => {
      await bus.close();
      client.close();
    },
  };
}

function never(): never {
  throw new Error('nobody is asked for it here');
}

function historyOf(revisions: readonly Revision[]): History {
  return {
    latest: async () => revisions.at(-1),
    revision: async (_team, { number, minor }) =>
      revisions.find((one) => one.number === number && one.minor === minor),
    at: async (_team, sequence) => revisions.find((one) => one.sequence === sequence),
    body: async () => undefined,
    before: async (_team, before, limit) =>
      revisions
        .filter(({ sequence }) => sequence < before)
        .slice(-limit)
        .reverse(),
    after: async (_team, after, limit) =>
      revisions.filter(({ sequence }) => sequence > after).slice(0, limit),
  };
}

function minorRow(team: string, id: string, body: ApplyBody): RequestRow {
  return {
    ...{ id, team, body, kind: 'minor', author: 'alice', authorRole: 'editor' },
    ...{ idempotencyKey: id, bodyHash: id, traceparent: TRACE, auditId: id },
    ...{
      createdAtMs: 0,
      state: 'requested',
      wokenAtMs: null,
      untilMs: null,
      wakeAtMs: null,
      finishedAtMs: null,
      ...{ revert: null, heldUnder: null, reserved: false },
    },
    ...{ awaiting: null, granted: null, revision: null, unchanged: false, warnings: null, problem: null },
  };
}
