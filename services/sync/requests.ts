// What other services ask sync over the bus: a scope of a document at a version, an edit, an outline; and the news that a
// revision was applied, which the document keeps and its editors hear.
import { decodeVersion, encodeVersion } from '@hakiri/config-doc/version';
import type { AppliedData } from '@hakiri/contracts/apply';
import type { Actor } from '@hakiri/contracts/envelope';
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
import type { Documents } from './document/documents.ts';

export type Requests = ReturnType<typeof createRequests>;

export function createRequests({
  documents,
  versionWaitMs,
}: {
  documents: Documents;
  versionWaitMs: number;
}) {
  return {
    async materialize(id: DocumentId, request: MaterializeRequest): Promise<MaterializeReply> {
      const version = decodeVersion(request.version ?? '');
      const reply = await documents.use(id, async (live): Promise<MaterializeReply> => {
        const page = async () => (await live.query({ name: 'materialize', input: request })).value;
        const first = await page();
        if (first.kind !== 'version_unknown' || version === undefined) return first;
        // The caller's edits may still be on their way here.
        return (await live.hasVersion(version, versionWaitMs)) ? page() : first;
      });
      return reply ?? { kind: 'no_document' };
    },

    async edit(id: DocumentId, request: EditRequest, actor: Actor): Promise<EditReply> {
      const reply = await documents.use(id, (live) => live.edit(request, actor));
      return reply ?? { kind: 'refused', code: 'not_found', detail: `Create the document ${id.doc} first.` };
    },

    async outline(id: DocumentId, { entries = true }: OutlineRequest): Promise<OutlineReply> {
      const nothing: OutlineReply = { version: encodeVersion(new Map()), pipelines: [], variables: [] };
      const outline = await documents.use(id, async (live): Promise<OutlineReply> => {
        if (entries) return (await live.query({ name: 'outline', input: undefined })).value;
        const { version } = await live.query({ name: 'version', input: undefined });
        return { ...nothing, version };
      });
      return outline ?? nothing;
    },

    async touched(id: DocumentId, request: TouchedRequest): Promise<TouchedReply> {
      const page = await documents.use(id, async (live): Promise<TouchedReply> => {
        const { value, version } = await live.query<'touched'>({ name: 'touched', input: request });
        return { kind: 'page', version, ...value };
      });
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
