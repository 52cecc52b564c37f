// Reads of a document for HTTP: each with an ETag made of the version, so that a reader who has it gets nothing again.
import { sha256Hex, utf8 } from '@hakiri/base/bytes';
import { readGroups } from '@hakiri/config-doc/groups';
import { readConfig, readPipeline } from '@hakiri/config-doc/read';
import { selectScope } from '@hakiri/config-doc/scope';
import type { Actor } from '@hakiri/contracts/envelope';
import type { DocVersion } from '@hakiri/contracts/names';
import { ProblemError } from '@hakiri/contracts/problem';
import type { DocumentView, PipelineView } from '@hakiri/contracts/sync';
import { hasEtag } from '@hakiri/service/etag';
import type { DocumentId } from '@hakiri/substrate/document-log';
import type { Document } from './document.ts';
import type { Creation, Documents } from './documents.ts';
import { DocumentStopped } from './live-document.ts';

/** Without a value when the reader has it already. */
export type Read<T> = { etag: string; value: T | undefined };
export type Reads = ReturnType<typeof createReads>;

/** A longer version, of very many peers, is named by its digest. */
const ETAG_VERSION_LIMIT = 1_000;

export function createReads(documents: Documents) {
  async function read<T>(
    id: DocumentId,
    ifNoneMatch: string | null,
    work: (document: Document) => T | undefined,
  ): Promise<Read<T> | undefined> {
    return orUnavailable(async () =>
      documents.use(id, async (live) => {
        const etag = await etagOf(await live.read((document) => document.version()));
        if (hasEtag(ifNoneMatch, etag)) return { etag, value: undefined };
        const { value, version } = await live.read((document) => ({
          value: work(document),
          version: document.version(),
        }));
        return { etag: await etagOf(version), value };
      }),
    );
  }

  return {
    list: (team: string): Promise<string[]> => orUnavailable(() => documents.list(team)),

    create: (id: DocumentId, creator: Actor): Promise<Creation> =>
      orUnavailable(() => documents.create(id, creator)),

    view: (id: DocumentId, ifNoneMatch: string | null): Promise<Read<DocumentView> | undefined> =>
      read(id, ifNoneMatch, (document) => ({
        doc: id.doc,
        version: document.version(),
        groups: readGroups(document.loro),
        config: readConfig(document.loro),
      })),

    bytes: (id: DocumentId, ifNoneMatch: string | null): Promise<Read<Uint8Array> | undefined> =>
      read(id, ifNoneMatch, (document) => document.snapshot()),

    /**
     * By human id or key; of several with one id the first. Undefined when there is none. Read also for who has it already:
     * whether they may know that is asked with its id.
     */
    async pipeline(id: DocumentId, name: string): Promise<{ etag: string; value: PipelineView } | undefined> {
      const found = await read(id, null, (document) => {
        const [key] = selectScope(document.loro, { kind: 'pipelines', pipelines: [name] });
        const draft = key === undefined ? undefined : readPipeline(document.loro, key);
        return draft && { ...draft, version: document.version() };
      });
      return found?.value === undefined ? undefined : { etag: found.etag, value: found.value };
    },
  };
}

async function orUnavailable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof DocumentStopped)) throw error;
    throw new ProblemError('unavailable', 'The document is being loaded again: try again shortly.');
  }
}

async function etagOf(version: DocVersion): Promise<string> {
  return `"${version.length > ETAG_VERSION_LIMIT ? await sha256Hex(utf8(version)) : version}"`;
}
