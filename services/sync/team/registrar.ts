// A team's documents as a whole: listed, created, renamed, archived, brought back, and groups moved between them. Each change is
// durable first, then told to whoever has the document open, then on record in the audit log.
import { createSerial, type Serial } from '@hakiri/base/serial';
import type { AppliedData } from '@hakiri/contracts/apply';
import type { Actor } from '@hakiri/contracts/envelope';
import { type ProblemCode, ProblemError } from '@hakiri/contracts/problem';
import { AuditRecorded } from '@hakiri/contracts/subjects';
import type {
  DocumentInfo,
  EditReply,
  MoveGroupBody,
  MoveResult,
  OutlineReply,
  UpdateDocumentBody,
} from '@hakiri/contracts/sync';
import { errorFields, type Logger } from '@hakiri/service/logger';
import type { Messaging } from '@hakiri/service/messaging';
import { BlobStoreError } from '@hakiri/substrate/blob-store';
import type { Clock } from '@hakiri/substrate/clock';
import type { DocumentId } from '@hakiri/substrate/document-log';
import { type MovableDocuments, moveGroup } from './move-group.ts';
import {
  type Change,
  infoOf,
  isArchived,
  listDocuments,
  movedFrom,
  noteApplied,
  noteCreated,
  openMoves,
  type Registry,
  rename,
  setArchived,
} from './registry.ts';
import type { RegistryStore } from './registry-store.ts';

export type RegistrarDeps = {
  registry: RegistryStore;
  /** Names of the documents that there are, and how one is made. */
  documents: {
    list(team: string): Promise<string[]>;
    create(id: DocumentId, creator: Actor): Promise<'created' | 'exists' | 'too_many'>;
  };
  movable: MovableDocuments;
  messaging: Pick<Messaging, 'enqueue'>;
  clock: Clock;
  logger: Logger;
  /** Called when it may be edited no more, and when it may again. */
  onArchived(id: DocumentId): void;
  onRestored(id: DocumentId): void;
};
export type Registrar = ReturnType<typeof createRegistrar>;

/** Teams that are remembered as looked at. */
const TEAMS_LIMIT = 10_000;

const NOT_CREATED = {
  exists: (doc: string) => `There is a document ${doc} already.`,
  too_many: () => 'The team has as many documents as it may have: use one of them.',
};
const ARCHIVED = (doc: string) => `${doc} is archived: it is read, not edited. Bring it back first.`;

export function createRegistrar(deps: RegistrarDeps) {
  const { registry, documents, clock, logger } = deps;
  const moves = new Map<string, Serial>();
  const looked = new Set<string>();
  const now = (): string => new Date(clock.now()).toISOString();

  async function change(team: string, decide: (known: Registry) => Change): Promise<Registry> {
    const outcome = await orUnavailable(registry.change(team, decide));
    if (outcome.kind === 'refused') throw new ProblemError(outcome.code, outcome.detail);
    return outcome.registry;
  }

  /** A bus that is away costs the entry, never the answer: what it tells of is done. */
  async function audit(
    { team, doc }: DocumentId,
    actor: Actor,
    action: string,
    detail: Record<string, unknown>,
    refused?: ProblemCode,
  ): Promise<void> {
    const outcome = refused === undefined ? 'done' : 'refused';
    const record = { action, outcome, target: doc, service: 'sync' } as const;
    await deps.messaging
      .enqueue(
        AuditRecorded,
        { team },
        { actor },
        { ...record, detail: { ...detail, ...(refused && { code: refused }) } },
      )
      .catch((error: unknown) => logger.warn('audit_not_recorded', { action, doc, ...errorFields(error) }));
  }

  async function requireDocument({ team, doc }: DocumentId): Promise<void> {
    if (!(await documents.list(team)).includes(doc))
      throw new ProblemError('not_found', `There is no document ${doc}. List them at /v1/docs.`);
  }

  /** One move of a team at a time: two of them would copy each other's work. */
  function alone<T>(team: string, work: () => Promise<T>): Promise<T> {
    const serial = moves.get(team) ?? createSerial();
    moves.set(team, serial);
    const result = serial.run(work);
    void serial.idle().then(() => {
      if (moves.get(team) === serial) moves.delete(team);
    });
    return result;
  }

  /** Moves that a crash left open are finished when somebody comes to the team, once for each life of this process. */
  function resume(team: string, known: Registry): void {
    if (looked.has(team)) return;
    if (looked.size >= TEAMS_LIMIT) looked.clear();
    looked.add(team);
    for (const { from, to, group, by } of openMoves(known)) {
      const actor: Actor = { kind: 'user', id: by };
      alone(team, () => moveGroup({ documents: deps.movable, registry }, { team, from, to, group }, actor))
        .then(({ state, moved }) => logger.info('move_resumed', { team, from, to, group, state, moved }))
        .catch((error: unknown) =>
          logger.warn('move_not_resumed', { team, from, to, group, ...errorFields(error) }),
        );
    }
  }

  /** A blob store that is away keeps nobody from editing: archiving is order, not protection. */
  async function looksArchived({ team, doc }: DocumentId): Promise<boolean> {
    try {
      const known = await registry.recent(team);
      resume(team, known);
      return isArchived(known, doc);
    } catch (error) {
      if (!(error instanceof BlobStoreError)) throw error;
      logger.warn('registry_unreadable', { team, doc, ...errorFields(error) });
      return false;
    }
  }

  return {
    list: async (team: string, options: { archived: boolean }): Promise<DocumentInfo[]> =>
      listDocuments(await orUnavailable(registry.read(team)), await documents.list(team), options),

    /** @throws ProblemError */
    async create(id: DocumentId, title: string | undefined, actor: Actor): Promise<DocumentInfo> {
      const creation = await documents.create(id, actor);
      if (creation !== 'created') throw new ProblemError('conflict', NOT_CREATED[creation](id.doc));
      const entry = { title, createdAt: now(), createdBy: actor.id };
      const known = await change(id.team, (before) => noteCreated(before, id.doc, entry));
      await audit(id, actor, 'doc.create', title === undefined ? {} : { title });
      return infoOf(known, id.doc);
    },

    /** @throws ProblemError */
    async update(id: DocumentId, wanted: UpdateDocumentBody, actor: Actor): Promise<DocumentInfo> {
      await requireDocument(id);
      const { doc } = id;
      const { title, archived } = wanted;
      let before: DocumentInfo = { doc, title: doc };
      const known = await change(id.team, (registered) => {
        before = infoOf(registered, doc);
        const titled = title === undefined ? { kind: 'same' as const } : rename(registered, doc, title);
        if (archived === undefined || titled.kind === 'refused') return titled;
        const base = titled.kind === 'changed' ? titled.registry : registered;
        const placed = setArchived(base, doc, archived ? now() : undefined);
        return placed.kind === 'same' ? titled : placed;
      });
      const after = infoOf(known, doc);
      if (after.title !== before.title)
        await audit(id, actor, 'doc.rename', { before: before.title, after: after.title });
      const wasArchived = before.archivedAt !== undefined;
      const nowArchived = after.archivedAt !== undefined;
      if (wasArchived === nowArchived) return after;
      if (nowArchived) deps.onArchived(id);
      else deps.onRestored(id);
      await audit(id, actor, nowArchived ? 'doc.archive' : 'doc.unarchive', {});
      return after;
    },

    /** @throws ProblemError */
    async moveGroup(id: DocumentId, { group, to }: MoveGroupBody, actor: Actor): Promise<MoveResult> {
      const { team, doc: from } = id;
      const work = { documents: deps.movable, registry };
      try {
        const result = await alone(team, () =>
          orUnavailable(moveGroup(work, { team, from, to, group }, actor)),
        );
        const { state, moved, remaining, variables } = result;
        await audit(id, actor, 'doc.move_group', {
          group,
          to,
          state,
          moved,
          remaining: remaining.length,
          variables,
        });
        return result;
      } catch (error) {
        if (error instanceof ProblemError)
          await audit(id, actor, 'doc.move_group', { group, to }, error.code);
        throw error;
      }
    },

    /** For joins: whoever joins an archived document may read. */
    isArchived: looksArchived,

    /** For edits over the bus: what to answer instead of writing. */
    async editRefusal(id: DocumentId): Promise<EditReply | undefined> {
      if (!(await looksArchived(id))) return undefined;
      return { kind: 'refused', code: 'document_archived', detail: ARCHIVED(id.doc) };
    },

    /** For outlines over the bus. Read anew: an Apply decides by it what leaves the manifest. @throws ProblemError */
    moved: async ({ team, doc }: DocumentId): Promise<NonNullable<OutlineReply['moved']>> =>
      movedFrom(await orUnavailable(registry.read(team)), doc),

    /** A revision was published. @throws ProblemError: tell it again. */
    applied: async (team: string, data: AppliedData): Promise<void> => {
      await change(team, (known) => noteApplied(known, data));
    },

    /** Resolves when no move is under way. */
    idle: async (): Promise<void> => {
      await Promise.all([...moves.values()].map((serial) => serial.idle()));
    },
  };
}

async function orUnavailable<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof BlobStoreError)) throw error;
    throw new ProblemError('unavailable', 'The list of documents cannot be reached now: try again shortly.');
  }
}
