// Reads of a document for HTTP: each with an ETag made of the version, so that a reader who has it gets nothing again.
import { sha256Hex, utf8 } from '@hakiri/base/bytes';
import type { Actor } from '@hakiri/contracts/envelope';
import type { DocVersion } from '@hakiri/contracts/names';
import type { HistoryPage } from '@hakiri/contracts/notice';
import { ProblemError } from '@hakiri/contracts/problem';
import type { DocumentView, PipelineView } from '@hakiri/contracts/sync';
import { hasEtag } from '@hakiri/service/etag';
import type { DocumentId } from '@hakiri/substrate/document-log';
import { DocumentBusy, DocumentStopped } from './document-errors.ts';
import type { Creation, Documents } from './documents.ts';
import type { HistoryRequest } from './host/history.ts';
import type { Query, QueryName, QueryValue } from './host/queries.ts';
import type { Rescued } from './rescuer.ts';

/** Without a value when the reader has it already. */
export type Read<T> = { etag: string; value: T | undefined };
export type Reads = ReturnType<typeof createReads>;

/** A longer version, of very many peers, is named by its digest. */
const ETAG_VERSION_LIMIT = 1_000;

export function createReads(documents: Documents) {
  async function read<N extends QueryName, T>(
    id: DocumentId,
    ifNoneMatch: string | null,
    query: Extract<Query, { name: N }>,
    shape: (value: QueryValue<N>, version: DocVersion) => T | undefined,
  ): Promise<Read<T> | undefined> {
    return orUnavailable(async () =>
      documents.use(id, async (live) => {
        const known = await etagOf((await live.query({ name: 'version', input: undefined })).version);
        if (hasEtag(ifNoneMatch, known)) return { etag: known, value: undefined };
        const { value, version } = await live.query<N>(query);
        return { etag: await etagOf(version), value: shape(value, version) };
      }),
    );
  }

  return {
    list: (team: string): Promise<string[]> => orUnavailable(() => documents.list(team)),

    /** Work from before the history that is kept: see rescuer.ts. */
    rescue: (id: DocumentId, update: Uint8Array, user: string): Promise<Rescued | undefined> =>
      orUnavailable(() => documents.use(id, (live) => live.rescue(update, user))),

    create: (id: DocumentId, creator: Actor): Promise<Creation> =>
      orUnavailable(() => documents.create(id, creator)),

    view: (id: DocumentId, ifNoneMatch: string | null): Promise<Read<DocumentView> | undefined> =>
      read<'view', DocumentView>(id, ifNoneMatch, { name: 'view', input: undefined }, (view, version) => ({
        doc: id.doc,
        version,
        ...view,
      })),

    bytes: (id: DocumentId, ifNoneMatch: string | null): Promise<Read<Uint8Array> | undefined> =>
      read<'bytes', Uint8Array>(id, ifNoneMatch, { name: 'bytes', input: undefined }, (bytes) => bytes),

    history: (id: DocumentId, request: HistoryRequest): Promise<HistoryPage | undefined> =>
      orUnavailable(() =>
        documents.use(
          id,
          async (live) => (await live.query<'history'>({ name: 'history', input: request })).value,
        ),
      ),

    /**
     * By human id or key; of several with one id the first. Undefined when there is none. Read also for who has it already:
     * whether they may know that is asked with its id.
     */
    async pipeline(id: DocumentId, name: string): Promise<{ etag: string; value: PipelineView } | undefined> {
      const found = await read<'pipeline', PipelineView>(
        id,
        null,
        { name: 'pipeline', input: { name } },
        (draft, version) => draft && { ...draft, version },
      );
      return found?.value === undefined ? undefined : { etag: found.etag, value: found.value };
    },
  };
}

async function orUnavailable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof DocumentStopped || error instanceof DocumentBusy)) throw error;
    throw new ProblemError('unavailable', 'The document is being loaded again: try again shortly.');
  }
}

async function etagOf(version: DocVersion): Promise<string> {
  return `"${version.length > ETAG_VERSION_LIMIT ? await sha256Hex(utf8(version)) : version}"`;
}
