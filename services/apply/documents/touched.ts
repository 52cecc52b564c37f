// What sync knows to be touched in a document, asked of its owner page by page, and what comparing it came to told back.
import { DEFAULT_DOC } from '@hakiri/contracts/names';
import {
  SETTLED_LIMIT,
  type SettleRequest,
  type TouchedReply,
  type TouchedRequest,
} from '@hakiri/contracts/pending';
import { GetTouched, SettleTouched } from '@hakiri/contracts/subjects';
import { errorFields, type Logger } from '@hakiri/service/logger';
import type { Cause, Messaging } from '@hakiri/service/messaging';
import { outlineOf, type Target } from './outline.ts';

export type TouchedPage = Extract<TouchedReply, { kind: 'page' }>;
export type TouchedPort = ReturnType<typeof createTouched>;

const EMPTY: TouchedPage = {
  kind: 'page',
  version: 'AA',
  isWhole: false,
  pipelines: [],
  variables: [],
  gone: { pipelines: [], variables: [] },
  tooLarge: [],
};

export function createTouched(deps: { messaging: Messaging; logger: Logger; pageTimeoutMs: number }) {
  const { messaging, logger, pageTimeoutMs } = deps;

  return {
    /** A document that nobody has ever opened has nothing. @throws BusError */
    page: async (target: Target, request: TouchedRequest, cause: Cause): Promise<TouchedPage | undefined> => {
      const reply = await messaging.request(GetTouched, target, cause, request, pageTimeoutMs);
      if (reply.kind === 'page') return reply;
      return target.doc === DEFAULT_DOC ? EMPTY : undefined;
    },

    /** Keys of pipelines that left for another document, where nobody has applied them yet. @throws BusError */
    moved: async (target: Target, cause: Cause): Promise<Set<string>> => {
      const { moved = [] } = await outlineOf({ messaging, limits: deps }, target, cause);
      return new Set(moved.flatMap(({ pipelines }) => pipelines));
    },

    /** So that nobody compares it again. Without it everything stays true, and costs more. */
    settle: async (
      target: Target,
      { same, allBut, ...settled }: SettleRequest,
      cause: Cause,
    ): Promise<void> => {
      const isBounded = (lists: SettleRequest['same']): boolean =>
        lists.pipelines.length + lists.variables.length <= SETTLED_LIMIT;
      const cut = isBounded(same)
        ? same
        : {
            pipelines: same.pipelines.slice(0, SETTLED_LIMIT / 2),
            variables: same.variables.slice(0, SETTLED_LIMIT / 2),
          };
      const rest = allBut !== undefined && isBounded(allBut) ? { allBut } : {};
      const isNothing = cut.pipelines.length + cut.variables.length === 0 && !('allBut' in rest);
      if (isNothing && !settled.isPublished) return;
      try {
        await messaging.request(
          SettleTouched,
          target,
          cause,
          { ...settled, same: cut, ...rest },
          pageTimeoutMs,
        );
      } catch (error) {
        logger.warn('touched_not_settled', { ...target, ...errorFields(error) });
      }
    },
  };
}
