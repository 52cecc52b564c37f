// Documents of the team without a socket: which there are, their life, their history, and their bytes.
import { HistoryPage } from '@hakiri/contracts/notice';
import {
  DocumentInfo,
  DocumentList,
  DocumentView,
  type MoveGroupBody,
  MoveResult,
  RescueReply,
  type UpdateDocumentBody,
} from '@hakiri/contracts/sync';
import type { Http } from './http.ts';

export type HistoryQuery = {
  /** Id or key. */
  pipeline?: string;
  user?: string;
  /** `next` of the page before. */
  before?: string;
  limit?: number;
};

export type DocumentsClient = ReturnType<typeof createDocuments>;

export function createDocuments(http: Http) {
  const at = (doc: string, rest = ''): string => `/v1/docs/${encodeURIComponent(doc)}${rest}`;
  return {
    /** Archived ones only when asked for. */
    async list(query: { archived?: boolean } = {}): Promise<DocumentInfo[]> {
      return (await http.call(DocumentList, 'GET', '/v1/docs', { query })).docs;
    },

    create(body: { doc: string; title?: string }): Promise<DocumentInfo> {
      return http.call(DocumentInfo, 'POST', '/v1/docs', { body });
    },

    /** Renames, archives or takes back. An archived document is read and not edited. */
    update(doc: string, body: UpdateDocumentBody): Promise<DocumentInfo> {
      return http.call(DocumentInfo, 'PATCH', at(doc), { body });
    },

    /** Moves a group with everything in it to another document. Asking again goes on where it ended. */
    moveGroup(doc: string, body: MoveGroupBody): Promise<MoveResult> {
      return http.call(MoveResult, 'POST', at(doc, '/groups/move'), { body });
    },

    /** Who changed what, and when; newest first. */
    history(doc: string, query: HistoryQuery = {}): Promise<HistoryPage> {
      return http.call(HistoryPage, 'GET', at(doc, '/history'), { query });
    },

    /** The document as plain data, at `version` or as it is now. */
    view(doc: string, query: { version?: string } = {}): Promise<DocumentView> {
      return http.call(DocumentView, 'GET', at(doc), { query });
    },

    /** The document as Loro bytes. */
    async bytes(doc: string, query: { version?: string } = {}): Promise<Uint8Array> {
      const response = await http.send('GET', at(doc, '/bytes'), { query });
      return new Uint8Array(await response.arrayBuffer());
    },

    /** Hands in operations from before the compacted history. Repeating it changes nothing. */
    rescue(doc: string, updates: Uint8Array): Promise<RescueReply> {
      return http.call(RescueReply, 'POST', at(doc, '/rescue'), {
        body: updates,
        contentType: 'application/octet-stream',
      });
    },
  };
}
