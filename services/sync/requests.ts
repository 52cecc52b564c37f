// What other services ask sync over the bus: a scope of a document at a version, an edit, an outline; and the news that a
// revision was applied, which the document keeps and its editors hear.
import { decodeVersion, encodeVersion } from '@hakiri/config-doc/version';
import type { AppliedData } from '@hakiri/contracts/apply';
import { type Actor, Written } from '@hakiri/contracts/envelope';
import type { DocVersion } from '@hakiri/contracts/names';
import type { SettleReply, SettleRequest, TouchedReply, TouchedRequest } from '@hakiri/contracts/pending';
import type {
  EditReply,
  EditRequest,
  MaterializeReply,
  MaterializeRequest,
  OutlineReply,
  OutlineRequest,
} from '@hakiri/contracts/sync';
import type { DocumentId } from '@hakiri/substrate/document-log';
import type { Static } from '@sinclair/typebox';
import { STORAGE_FULL, StorageFull } from './document/document-errors.ts';
import type { Documents } from './document/documents.ts';
import type { LiveDocument } from './document/live-document.ts';
import type { Query, QueryName, QueryValue, WrittenPage } from './host/queries.ts';

export type Requests = ReturnType<typeof createRequests>;

export function createRequests({
  documents,
  versionWaitMs,
}: {
  documents: Documents;
  versionWaitMs: number;
}) {
  /** Of a document whose log has no room, what is there is read from it: nothing has to be written for that. */
  async function orStored<Answer, N extends QueryName>(
    id: DocumentId,
    work: (live: LiveDocument) => Promise<Answer>,
    query: Extract<Query, { name: N }>,
    shape: (value: QueryValue<N>, version: DocVersion) => Answer,
  ): Promise<Answer | undefined> {
    try {
      return await documents.use(id, work);
    } catch (error) {
      if (!(error instanceof StorageFull)) throw error;
      const { value, version } = await documents.readStored<N>(id, query);
      return shape(value, version);
    }
  }

  /** A MaterializeReply, as JSON. */
  async function materialize(id: DocumentId, request: MaterializeRequest): Promise<string> {
    const version = decodeVersion(request.version ?? '');
    const query = { name: 'materialize', input: request } as const;
    const work = async (live: LiveDocument): Promise<WrittenPage> => {
      const page = async () => (await live.query(query)).value;
      const first = await page();
      if (first.kind !== 'version_unknown' || version === undefined) return first;
      // The caller's edits may still be on their way here.
      return (await live.hasVersion(version, versionWaitMs)) ? page() : first;
    };
    const reply = await orStored<WrittenPage, 'materialize'>(id, work, query, (value) => value);
    const nothing: MaterializeReply = { kind: 'no_document' };
    return reply?.json ?? JSON.stringify(nothing);
  }

  return {
    materializeWritten: async (id: DocumentId, request: MaterializeRequest): Promise<Written> =>
      new Written(await materialize(id, request)),

    materialize: async (id: DocumentId, request: MaterializeRequest): Promise<MaterializeReply> =>
      JSON.parse(await materialize(id, request)),

    async edit(id: DocumentId, request: EditRequest, actor: Actor): Promise<EditReply> {
      const reply = await documents
        .use<EditReply>(id, (live) => live.edit(request, actor))
        .catch((error: unknown): EditReply => {
          if (!(error instanceof StorageFull)) throw error;
          return { kind: 'refused', code: 'storage_full', detail: STORAGE_FULL };
        });
      return reply ?? { kind: 'refused', code: 'not_found', detail: `Create the document ${id.doc} first.` };
    },

    async outline(id: DocumentId, { entries = true }: OutlineRequest): Promise<OutlineReply> {
      const nothing: OutlineReply = { version: encodeVersion(new Map()), pipelines: [], variables: [] };
      const asked = { name: entries ? 'outline' : 'version', input: undefined } as const;
      const told = (value: OutlineReply | undefined, version: DocVersion): OutlineReply =>
        value ?? { ...nothing, version };
      const work = async (live: LiveDocument) => {
        const { value, version } = await live.query<'outline' | 'version'>(asked);
        return told(value, version);
      };
      return (await orStored<OutlineReply, 'outline' | 'version'>(id, work, asked, told)) ?? nothing;
    },

    async touched(id: DocumentId, request: TouchedRequest): Promise<TouchedReply> {
      const query = { name: 'touched', input: request } as const;
      const told = (value: QueryValue<'touched'>, version: DocVersion): TouchedReply => ({
        kind: 'page',
        version,
        ...value,
      });
      const work = async (live: LiveDocument) => {
        const { value, version } = await live.query<'touched'>(query);
        return told(value, version);
      };
      const page = await orStored<TouchedReply, 'touched'>(id, work, query, told);
      return page ?? { kind: 'no_document' };
    },

    async settle(id: DocumentId, request: SettleRequest): Promise<Static<typeof SettleReply>> {
      await documents.use(id, (live) => live.pending.settle(request));
      return {};
    },

    async applied(team: string, { doc, revision }: AppliedData, actor: Actor): Promise<void> {
      const { changed: _changed, ...note } = revision;
      await documents.use({ team, doc }, (live) => live.pending.recordApplied(note, actor));
    },
  };
}
