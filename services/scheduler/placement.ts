// Which node may carry out which run. Both sides are turned into slots, plain texts that an index can find: a run waits in
// exactly one slot, a node serves several.
import type { PlacementConfig } from '@hakiri/contracts/config';

export type NodeOffer = { node: string; pools: readonly string[]; labels: readonly string[] };

/** The pool of `auto` pipelines that name none. */
const DEFAULT_POOL = 'default';

/** `auto` waits for a pool, `node` for one node by its name, `label` for any node that carries the label. */
export function slotOf(placement: PlacementConfig): string {
  switch (placement.kind) {
    case 'auto':
      return `pool:${placement.target ?? DEFAULT_POOL}`;
    case 'node':
      return `node:${placement.target ?? ''}`;
    case 'label':
      return `label:${placement.target ?? ''}`;
  }
}

/** A node in no pool takes only what names it or a label of it. */
export function slotsOf(offer: NodeOffer): string[] {
  return [
    `node:${offer.node}`,
    ...new Set(offer.pools.map((pool) => `pool:${pool}`)),
    ...new Set(offer.labels.map((label) => `label:${label}`)),
  ];
}

/** Whom a run waits for in this slot, for people. */
export function slotText(slot: string): string {
  const [kind, ...rest] = slot.split(':');
  const name = rest.join(':');
  if (kind === 'node') return `the node ${name}`;
  return kind === 'label' ? `a node with the label ${name}` : `a node of the pool ${name}`;
}
