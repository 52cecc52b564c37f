// Reads of a document for HTTP: each with an ETag made of the version, so that a reader who has it gets nothing again.
import { sha256Hex, utf8 } from '@hakiri/base/bytes';
import { decodeVersion } from '@hakiri/config-doc/version';
import type { Actor } from '@hakiri/contracts/envelope';
import type { DocVersion } from '@hakiri/contracts/names';
import type { HistoryPage } from '@hakiri/contracts/notice';
import { ProblemError } from '@hakiri/contracts/problem';
import type { DocumentView, PipelineView } from '@hakiri/contracts/sync';
import { hasEtag } from '@hakiri/service/etag';
import type { DocumentId } from '@hakiri/substrate/document-log';
import { DocumentBusy, DocumentStopped, STORAGE_FULL, StorageFull } from '../document/document-errors.ts';
import type { Creation, Documents } from '../document/documents.ts';
import type { HistoryRequest } from '../host/history.ts';
import type { Query, QueryName, QueryValue } from '../host/queries.ts';
import type { ReadAt } from '../host/scratch-protocol.ts';
import { ScratchFailed, ScratchLost } from '../pool/scratch-host.ts';
import type { Rescued } from './rescuer.ts';

/** Without a value when the reader has it already. */
export type Read<T> = { etag: string; value: T | undefined };
export type Reads = ReturnType<typeof createReads>;

/** A longer version, of very many peers, is named by its digest. */
const ETAG_VERSION_LIMIT = 1_000;

/** `at`: as it was at that version; without, as it is. */
export type Wanted = { ifNoneMatch: string | null; at: DocVersion | undefined };

export function createReads(documents: Documents, versionWaitMs: number) {
  async function read<N extends QueryName, T>(
    id: DocumentId,
    { ifNoneMatch, at }: Wanted,
    query: Extract<Query, { name: N }>,
    shape: (value: QueryValue<N>, version: DocVersion) => T | undefined,
  ): Promise<Read<T> | undefined> {
    if (at !== undefined) return readAt(id, at, ifNoneMatch, query, shape);
    const use = async (): Promise<Read<T> | undefined> =>
      documents.use(id, async (live) => {
        // Who has it already does not wake it; what is about to sleep does so first, or the question would wake it again.
        if (ifNoneMatch !== null && live.life.isResting) await live.life.sleep();
        const asleep = ifNoneMatch === null ? undefined : await live.life.keeper.versionAsleep();
        const known = await etagOf(
          asleep ?? (await live.query({ name: 'version', input: undefined })).version,
        );
        if (hasEtag(ifNoneMatch, known)) return { etag: known, value: undefined };
        const { value, version } = await live.query<N>(query);
        return { etag: await etagOf(version), value: shape(value, version) };
      });
    return orUnavailable(() =>
      use().catch(async (error) => {
        if (!(error instanceof StorageFull)) throw error;
        const { value, version } = await documents.readStored<N>(id, query);
        const etag = await etagOf(version);
        return { etag, value: hasEtag(ifNoneMatch, etag) ? undefined : shape(value, version) };
      }),
    );
  }

  /** What was at a version stays what it was; that it ever was is looked for all the same. */
  async function readAt<N extends QueryName, T>(
    id: DocumentId,
    at: DocVersion,
    ifNoneMatch: string | null,
    query: Extract<Query, { name: N }>,
    shape: (value: QueryValue<N>, version: DocVersion) => T | undefined,
  ): Promise<Read<T> | undefined> {
    const version = decodeVersion(at);
    if (version === undefined)
      throw new ProblemError('malformed', '`version` is not a version of a document.');
    const etag = await etagOf(at);
    const found = await orUnavailable(() =>
      documents.use(id, async (live): Promise<ReadAt> => {
        if (!(await live.hasVersion(version, versionWaitMs))) return { kind: 'unknown' };
        return live.life.keeper.readAt(version, query);
      }),
    );
    if (found?.kind === 'unknown')
      throw new ProblemError('version_unknown', 'The document has never been at that version here.');
    if (found?.kind === 'gone')
      throw new ProblemError(
        'gone',
        'The history of that version is no longer kept: read a revision instead.',
      );
    if (found !== undefined && hasEtag(ifNoneMatch, etag)) return { etag, value: undefined };
    // Each query is answered with its own value.
    return found && { etag, value: shape(found.value as QueryValue<N>, at) };
  }

  return {
    list: (team: string): Promise<string[]> => orUnavailable(() => documents.list(team)),

    /** Work from before the history that is kept: see rescuer.ts. */
    rescue: (id: DocumentId, update: Uint8Array, user: string): Promise<Rescued | undefined> =>
      orUnavailable(() => documents.use(id, (live) => live.rescue(update, user))),

    create: (id: DocumentId, creator: Actor): Promise<Creation> =>
      orUnavailable(() => documents.create(id, creator)),

    view: (id: DocumentId, wanted: Wanted): Promise<Read<DocumentView> | undefined> =>
      read<'view', DocumentView>(id, wanted, { name: 'view', input: undefined }, (view, version) => ({
        doc: id.doc,
        version,
        ...view,
      })),

    bytes: (id: DocumentId, wanted: Wanted): Promise<Read<Uint8Array> | undefined> =>
      read<'bytes', Uint8Array>(id, wanted, { name: 'bytes', input: undefined }, (bytes) => bytes),

    history: (id: DocumentId, request: HistoryRequest): Promise<HistoryPage | undefined> =>
      orUnavailable(() =>
        documents.use(id, async (live) => {
          const { value } = await live.query<'history'>({ name: 'history', input: request });
          if (value !== undefined) return value;
          throw new ProblemError(
            'malformed',
            '`before` is not the `next` of a page of this history: begin without it.',
          );
        }),
      ),

    /**
     * By human id or key; of several with one id the first. Undefined when there is none. Read also for who has it already:
     * whether they may know that is asked with its id.
     */
    async pipeline(
      id: DocumentId,
      name: string,
      at: DocVersion | undefined,
    ): Promise<{ etag: string; value: PipelineView } | undefined> {
      const found = await read<'pipeline', PipelineView>(
        id,
        { ifNoneMatch: null, at },
        { name: 'pipeline', input: { name } },
        (draft, version) => draft && { ...draft, version },
      );
      return found?.value === undefined ? undefined : { etag: found.etag, value: found.value };
    },
  };
}

const PASSING = [DocumentStopped, DocumentBusy, ScratchFailed, ScratchLost];

async function orUnavailable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!PASSING.some((kind) => error instanceof kind)) throw error;
    if (error instanceof StorageFull) throw new ProblemError('storage_full', STORAGE_FULL);
    throw new ProblemError('unavailable', 'The document is being loaded again: try again shortly.');
  }
}

async function etagOf(version: DocVersion): Promise<string> {
  return `"${version.length > ETAG_VERSION_LIMIT ? await sha256Hex(utf8(version)) : version}"`;
}
