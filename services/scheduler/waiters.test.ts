// Long polls of nodes, without the network: who may wait, and how many.
import { expect, test } from 'bun:test';
import { createSimulatedClock } from '@hakiri/testing/simulated-clock';
import { createWaiters, WAITERS_PER_TOKEN_LIMIT } from './waiters.ts';

test('[SC5.8] one token has a bounded number of waiting claims; another still finds a place', () => {
  const waiters = createWaiters(createSimulatedClock());
  const waiting = Array.from({ length: WAITERS_PER_TOKEN_LIMIT }, () => waiters.enter('default', 'n1'));
  expect(() => waiters.enter('default', 'n1')).toThrow(`${WAITERS_PER_TOKEN_LIMIT} claims of this token`);
  waiters.enter('default', 'n2').close();
  waiting[0]?.close();
  waiting[0]?.close();
  waiters.enter('default', 'n1');
  expect(() => waiters.enter('default', 'n1')).toThrow('at a time');
});
