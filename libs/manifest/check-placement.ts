// Whether somebody is there to run what is placed. Nodes come and go, so nobody being there is a warning; and where it is not
// known who is there, nothing is said.
import { isRecord } from '@hakiri/base/json';
import type { ConfigIssue, PipelineDraft } from '@hakiri/contracts/config';
import type { ConfigIndex } from './config-index.ts';
import { pipelineFacts } from './facts.ts';
import { warning } from './issue.ts';
import { suggesting } from './nearest.ts';

const CODE = 'placement.target_unknown';
/** All pipelines of a team may wait for one pool: the others are counted. */
const TOLD_LIMIT = 100;

/** The names that nodes were seen with. */
export type KnownPlaces = {
  nodes: readonly string[];
  pools: readonly string[];
  labels: readonly string[];
};

export function checkPlaces(
  index: ConfigIndex,
  pathOf: (draft: PipelineDraft) => string,
  places: KnownPlaces,
  isAsked: (draft: PipelineDraft) => boolean,
): ConfigIssue[] {
  const known = new Map(
    [
      { kind: 'node', names: places.nodes },
      { kind: 'pool', names: places.pools },
      { kind: 'label', names: places.labels },
    ].map(({ kind, names }) => [kind, new Set(names)]),
  );
  const unknown = index.targets.names().filter((target) => {
    const [kind = ''] = target.split(' ', 1);
    return !known.get(kind)?.has(target.slice(kind.length + 1));
  });
  const waiting = index.inOrder(
    new Set(unknown.flatMap((target) => index.targets.of(target)).filter(isAsked)),
  );
  const told = waiting.slice(0, TOLD_LIMIT).flatMap((draft) => {
    const { target } = pipelineFacts(draft);
    if (target === undefined) return [];
    const { kind, name } = target;
    const what = kind === 'node' ? `node \`${name}\`` : `node with the ${kind} \`${name}\``;
    const message = `No ${what} was seen: correct the name, or start one, as the pipeline waits for it.`;
    const field = isRecord(draft.placement) && 'target' in draft.placement ? '/target' : '';
    const found = warning(`${pathOf(draft)}/placement${field}`, CODE, message);
    return [suggesting(found, name, known.get(kind) ?? [])];
  });
  const more = waiting.length - TOLD_LIMIT;
  if (more <= 0) return told;
  return [...told, warning('/pipelines', CODE, `${more} more pipelines wait for nodes that nobody saw.`)];
}
