// What an Apply would publish: the scope read from sync, merged over the last applied manifest, validated. Writes nothing;
// validate and apply both come through here.
import type { ApplyBody, Revision } from '@hakiri/contracts/apply';
import type { ManifestConfig } from '@hakiri/contracts/config';
import { DEFAULT_DOC } from '@hakiri/contracts/names';
import type { Scope } from '@hakiri/contracts/sync';
import { missingFromScope } from '@hakiri/manifest/merge';
import type { Cause, Messaging } from '@hakiri/service/messaging';
import type { Refusal } from './apply-machine.ts';
import type { Bodies } from './bodies.ts';
import { type Limits, type Materialized, materialize, type Wanted } from './materialize.ts';
import { type Prepared, prepare } from './prepare.ts';

type Last = { revision: Revision; config: ManifestConfig; toml: string };
type Preparation =
  | Exclude<Refusal, { kind: 'invalid' }>
  | { kind: 'away' }
  | { kind: 'prepared'; last: Last | undefined; outcome: Prepared };

export type Preparer = (
  team: string,
  body: ApplyBody,
  last: Revision | undefined,
  cause: Cause,
) => Promise<Preparation>;

/** As many pipelines as one scope may name. */
const NAMES_LIMIT = 1000;

export function createPreparer(deps: { messaging: Messaging; bodies: Bodies; limits: Limits }): Preparer {
  const { messaging, bodies, limits } = deps;

  /** Which of `keys` the document still has at this version. */
  async function stillThere(
    wanted: Wanted,
    keys: string[],
    cause: Cause,
  ): Promise<Exclude<Materialized, { kind: 'draft' }> | Set<string>> {
    const found = new Set<string>();
    for (let start = 0; start < keys.length; start += NAMES_LIMIT) {
      const scope: Scope = { kind: 'pipelines', pipelines: keys.slice(start, start + NAMES_LIMIT) };
      const read = await materialize(messaging, { ...wanted, scope }, cause, limits);
      if (read.kind !== 'draft') return read;
      for (const { key } of read.draft.pipelines) found.add(key);
    }
    return found;
  }

  return async (team, body, lastRevision, cause) => {
    const { doc = DEFAULT_DOC, scope, version } = body;
    const wanted = { team, doc, scope, version };
    const read = await materialize(messaging, wanted, cause, limits);
    if (read.kind !== 'draft') return read;
    const last = lastRevision && {
      revision: lastRevision,
      config: await bodies.config(team, lastRevision),
      toml: await bodies.text(team, lastRevision),
    };
    const missing = last && scope.kind !== 'all' ? missingFromScope(last.config, scope, read.draft) : [];
    const elsewhere = await stillThere(wanted, missing, cause);
    if (!(elsewhere instanceof Set)) return elsewhere;
    return { kind: 'prepared', last, outcome: prepare(last, scope, read.draft, elsewhere) };
  };
}
