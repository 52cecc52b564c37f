// Reads of what was published, for the routes. Faults of the blob store become an answer that says to try again.
import type { ManifestDiff, Revision, RevisionPage } from '@hakiri/contracts/apply';
import type { ManifestConfig } from '@hakiri/contracts/config';
import { ProblemError } from '@hakiri/contracts/problem';
import { EMPTY_CONFIG } from '@hakiri/manifest/canonical';
import { diffManifests } from '@hakiri/manifest/diff';
import { errorFields, type Logger } from '@hakiri/service/logger';
import type { Bodies } from './bodies.ts';
import type { History } from './store-history.ts';

export type Revisions = ReturnType<typeof createRevisions>;

export function createRevisions(deps: { history: History; bodies: Bodies; logger: Logger }) {
  const { history, bodies, logger } = deps;

  async function get(team: string, number: number): Promise<Revision> {
    const revision = await history.revision(team, number);
    if (!revision)
      throw new ProblemError(
        'not_found',
        `There is no revision ${number}. List them at /v1/manifest/revisions.`,
      );
    return revision;
  }

  async function fromStore<T>(revision: Revision, read: Promise<T>): Promise<T> {
    try {
      return await read;
    } catch (error) {
      logger.error('body_unreadable', { revision: revision.number, ...errorFields(error) });
      throw new ProblemError(
        'unavailable',
        `The body of ${revision.label} cannot be read now. Try again shortly.`,
      );
    }
  }

  /** 0 is the empty manifest. */
  async function config(team: string, number: number): Promise<ManifestConfig> {
    if (number === 0) return EMPTY_CONFIG;
    const revision = await get(team, number);
    return fromStore(revision, bodies.config(team, revision));
  }

  return {
    get,

    page: async (team: string, before: number | undefined, limit: number): Promise<RevisionPage> => {
      const found = await history.before(team, before ?? Number.MAX_SAFE_INTEGER, limit + 1);
      const revisions = found.slice(0, limit);
      const next = found.length > limit ? revisions.at(-1)?.number : undefined;
      return { revisions, ...(next === undefined ? {} : { next }) };
    },

    text: (team: string, revision: Revision): Promise<string> =>
      fromStore(revision, bodies.text(team, revision)),

    /** `to` is the latest when absent, `from` the one before `to`. */
    diff: async (team: string, from: number | undefined, to: number | undefined): Promise<ManifestDiff> => {
      const until = to ?? (await history.latest(team))?.number ?? 0;
      const since = from ?? Math.max(until - 1, 0);
      return {
        from: since,
        to: until,
        ...diffManifests(await config(team, since), await config(team, until)),
      };
    },
  };
}
