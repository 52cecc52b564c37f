import { expect, test } from 'bun:test';
import type { PlacementConfig } from '@hakiri/contracts/config';
import { type NodeOffer, placesOf, slotOf, slotsOf } from './placement.ts';

const LAPTOP: NodeOffer = { node: 'alice-mbp', pools: [], labels: ['any-mac', 'gpu'] };
const SERVER: NodeOffer = { node: 'server-1', pools: ['default', 'eu'], labels: [] };

const takes = (offer: NodeOffer, placement: PlacementConfig) => slotsOf(offer).includes(slotOf(placement));

test('[SC5.1] auto waits for the default pool, or for the pool it names', () => {
  expect(takes(SERVER, { kind: 'auto' })).toBe(true);
  expect(takes(SERVER, { kind: 'auto', target: 'eu' })).toBe(true);
  expect(takes(SERVER, { kind: 'auto', target: 'us' })).toBe(false);
  expect(takes(LAPTOP, { kind: 'auto' })).toBe(false);
});

test('[SC5.1] a node is named by its name, a label is served by whoever carries it', () => {
  expect(takes(LAPTOP, { kind: 'node', target: 'alice-mbp' })).toBe(true);
  expect(takes(SERVER, { kind: 'node', target: 'alice-mbp' })).toBe(false);
  expect(takes(LAPTOP, { kind: 'label', target: 'any-mac' })).toBe(true);
  expect(takes(SERVER, { kind: 'label', target: 'any-mac' })).toBe(false);
});

test('[SC5.1] a pool, a node and a label of one name are three things', () => {
  const offer = { node: 'x', pools: [], labels: [] };
  expect(takes(offer, { kind: 'label', target: 'x' })).toBe(false);
  expect(takes(offer, { kind: 'auto', target: 'x' })).toBe(false);
});

test('[SC5.9] places are told once each, and not at all where they are too many for a message', () => {
  const two = [
    { node: 'a', pools: ['default', 'p'], labels: ['mac'] },
    { node: 'b', pools: ['default'], labels: ['mac', 'gpu'] },
  ];
  expect(placesOf(two)).toEqual({
    places: { nodes: ['a', 'b'], pools: ['default', 'p'], labels: ['mac', 'gpu'] },
  });
  const labels = (node: number) =>
    Array.from({ length: 50 }, (_, label) => `${node}-${label}`.padEnd(100, 'x'));
  const many = Array.from({ length: 1_000 }, (_, node) => ({
    node: `${node}`,
    pools: [],
    labels: labels(node),
  }));
  expect(placesOf(many)).toEqual({});
});
