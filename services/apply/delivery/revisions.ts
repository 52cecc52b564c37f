// Reads of what was published, for the routes. Faults of the blob store become an answer that says to try again.
import type { ManifestDiff, RevisionPage } from '@hakiri/contracts/apply';
import type { ManifestConfig } from '@hakiri/contracts/config';
import { ProblemError } from '@hakiri/contracts/problem';
import { labelOf, type Revision, type RevisionName } from '@hakiri/contracts/revision';
import { EMPTY_CONFIG } from '@hakiri/manifest/canonical';
import { diffManifests } from '@hakiri/manifest/diff';
import { errorFields, type Logger } from '@hakiri/service/logger';
import type { Bodies } from '../publish/bodies.ts';
import type { History } from '../store/store-history.ts';

export type Revisions = ReturnType<typeof createRevisions>;

export function createRevisions(deps: { history: History; bodies: Bodies; logger: Logger }) {
  const { history, bodies, logger } = deps;

  async function get(team: string, name: RevisionName): Promise<Revision> {
    const revision = await history.revision(team, name);
    if (!revision)
      throw new ProblemError(
        'not_found',
        `There is no revision ${labelOf(name)}. List them at /v1/manifest/revisions.`,
      );
    return revision;
  }

  async function fromStore<T>(revision: Revision, read: Promise<T>): Promise<T> {
    try {
      return await read;
    } catch (error) {
      logger.error('body_unreadable', { revision: revision.label, ...errorFields(error) });
      throw new ProblemError(
        'unavailable',
        `The body of ${revision.label} cannot be read now. Try again shortly.`,
      );
    }
  }

  /** Undefined is the empty manifest. */
  async function config(team: string, revision: Revision | undefined): Promise<ManifestConfig> {
    if (revision === undefined) return EMPTY_CONFIG;
    return fromStore(revision, bodies.config(team, revision));
  }

  return {
    get,
    config,

    page: async (team: string, before: number | undefined, limit: number): Promise<RevisionPage> => {
      const found = await history.before(team, before ?? Number.MAX_SAFE_INTEGER, limit + 1);
      const revisions = found.slice(0, limit);
      const next = found.length > limit ? revisions.at(-1)?.sequence : undefined;
      return { revisions, ...(next === undefined ? {} : { next }) };
    },

    text: (team: string, revision: Revision): Promise<string> =>
      fromStore(revision, bodies.text(team, revision)),

    /** `to` is the latest when absent, `from` the one before `to`; number 0 is the empty manifest. */
    diff: async (
      team: string,
      from: RevisionName | undefined,
      to: RevisionName | undefined,
    ): Promise<ManifestDiff> => {
      const until = to === undefined ? await history.latest(team) : await named(team, to);
      const before = (): Promise<Revision | undefined> => history.at(team, (until?.sequence ?? 0) - 1);
      const since = from === undefined ? await before() : await named(team, from);
      return {
        from: since?.label ?? NOTHING,
        to: until?.label ?? NOTHING,
        ...diffManifests(await config(team, since), await config(team, until)),
      };
    },
  };

  async function named(team: string, name: RevisionName): Promise<Revision | undefined> {
    return name.number === 0 ? undefined : get(team, name);
  }
}

const NOTHING = labelOf({ number: 0, minor: 0 });
