// Which node may carry out which run. Both sides are turned into slots, plain texts that an index can find: a run waits in
// exactly one slot, a node serves several.
import { utf8 } from '@hakiri/base/bytes';
import { DEFAULT_POOL, type PlacementConfig } from '@hakiri/contracts/config';
import { PLACES_LIMIT_BYTES, type PlacesReply } from '@hakiri/contracts/scheduler';

export type NodeOffer = { node: string; pools: readonly string[]; labels: readonly string[] };

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

/** Where runs could go, for whoever checks placements before they are applied. */
export function placesOf(offers: readonly NodeOffer[]): PlacesReply {
  const places = {
    nodes: offers.map(({ node }) => node),
    pools: [...new Set(offers.flatMap(({ pools }) => pools))],
    labels: [...new Set(offers.flatMap(({ labels }) => labels))],
  };
  return utf8(JSON.stringify(places)).length > PLACES_LIMIT_BYTES ? {} : { places };
}

/** Whom a run waits for in this slot, for people. */
export function slotText(slot: string): string {
  const [kind, ...rest] = slot.split(':');
  const name = rest.join(':');
  if (kind === 'node') return `the node ${name}`;
  return kind === 'label' ? `a node with the label ${name}` : `a node of the pool ${name}`;
}
