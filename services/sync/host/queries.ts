// What can be asked of a document without changing it. Each answers plain data; the host adds the version it was read at.
import { readGroups } from '@hakiri/config-doc/groups';
import { materializePage } from '@hakiri/config-doc/materialize';
import { readConfig, readOutline, readPipeline } from '@hakiri/config-doc/read';
import { selectScope } from '@hakiri/config-doc/scope';
import type { PipelineDraft } from '@hakiri/contracts/config';
import type { HistoryPage } from '@hakiri/contracts/notice';
import type { TouchedRequest } from '@hakiri/contracts/pending';
import type {
  DocumentView,
  MaterializeReply,
  MaterializeRequest,
  OutlineReply,
} from '@hakiri/contracts/sync';
import type { Document } from './document.ts';
import { type HistoryRequest, readHistory } from './history.ts';
import type { Receipts } from './receipts.ts';
import type { Touched } from './touched.ts';
import { type TouchedPage, touchedPage } from './touched-page.ts';

/** `json` is the whole of the reply. */
export type WrittenPage = { kind: MaterializeReply['kind']; json: string };

/** What a query may look at. */
export type Readable = { document: Document; receipts: Receipts; touched: Touched };

export const QUERIES = {
  /** The version alone. */
  version: (_: Readable, _input: undefined): undefined => undefined,

  view: ({ document }: Readable, _input: undefined): Pick<DocumentView, 'groups' | 'config'> => ({
    groups: readGroups(document.loro),
    config: readConfig(document.loro),
  }),

  /** With all the history that is kept. */
  bytes: ({ document }: Readable, _input: undefined): Uint8Array => document.snapshot(),

  /** By human id or key; of several with one id the first. */
  pipeline: ({ document }: Readable, { name }: { name: string }): PipelineDraft | undefined => {
    const [key] = selectScope(document.loro, { kind: 'pipelines', pipelines: [name] });
    return key === undefined ? undefined : readPipeline(document.loro, key);
  },

  outline: ({ document }: Readable, _input: undefined): OutlineReply => readOutline(document.loro),

  /** As text: one string crosses to the other thread, and the bus takes it as it is. */
  materialize: ({ document }: Readable, request: MaterializeRequest): WrittenPage => {
    const reply = materializePage(document.loro, request);
    return { kind: reply.kind, json: JSON.stringify(reply) };
  },

  touched: ({ document, touched }: Readable, request: TouchedRequest): TouchedPage =>
    touchedPage(document.loro, touched, request),

  history: ({ document, receipts }: Readable, request: HistoryRequest): HistoryPage | undefined =>
    readHistory(document, receipts, request),
};

type Queries = typeof QUERIES;
export type QueryName = keyof Queries;
export type QueryInput<N extends QueryName> = Parameters<Queries[N]>[1];
export type QueryValue<N extends QueryName> = ReturnType<Queries[N]>;
export type Query = { [N in QueryName]: { name: N; input: QueryInput<N> } }[QueryName];

export function answerQuery(readable: Readable, query: Query): QueryValue<QueryName> {
  switch (query.name) {
    case 'pipeline':
      return QUERIES.pipeline(readable, query.input);
    case 'materialize':
      return QUERIES.materialize(readable, query.input);
    case 'touched':
      return QUERIES.touched(readable, query.input);
    case 'history':
      return QUERIES.history(readable, query.input);
    default:
      return QUERIES[query.name](readable, query.input);
  }
}
