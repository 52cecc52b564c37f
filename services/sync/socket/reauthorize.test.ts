// Asking again when access changed: whom, how often, and who gets a turn in between.
import { expect, test } from 'bun:test';
import { until } from '@hakiri/testing/until';
import { createTestGuard } from '../testing/test-guard.ts';
import type { Admit } from './admission.ts';
import { createReauthorizer, SOCKETS_PER_TURN } from './reauthorize.ts';

function world(sockets: number) {
  const guard = createTestGuard(Date.now);
  let questions = 0;
  const authorize = guard.authorize;
  guard.authorize = (...args) => {
    questions += 1;
    return authorize(...args);
  };
  const asked: (string | undefined)[] = [];
  const yields: (() => void)[] = [];
  const socket = {
    reauthorize: async (ask: Admit, team: string | undefined) => {
      asked.push(team);
      await ask('alice', 'default');
    },
  };
  const changed = createReauthorizer({
    guard,
    connections: () => Array.from({ length: sockets }, () => socket),
    yieldTurn: () => new Promise((resolve) => yields.push(resolve)),
  });
  return { changed, asked, yields, questions: () => questions };
}

test('[SY12.4] many sockets of one token ask once, and others get their turn in between', async () => {
  const { changed, asked, yields, questions } = world(2 * SOCKETS_PER_TURN + 1);
  changed({ team: 'default' });
  await until(() => yields.length === 1);
  expect(asked).toHaveLength(SOCKETS_PER_TURN);
  yields.shift()?.();
  await until(() => yields.length === 1);
  yields.shift()?.();
  await until(() => asked.length === 2 * SOCKETS_PER_TURN + 1);
  // Whether the token may read, and whether it may write.
  expect(questions()).toBe(2);
});

test('[SY12.4] changes that come during a pass make one more, which asks anew', async () => {
  const { changed, asked, yields, questions } = world(SOCKETS_PER_TURN + 1);
  changed({ team: 'default' });
  await until(() => yields.length === 1);
  for (let count = 0; count < 10; count++) changed({ team: 'default' });
  changed({ team: 'other' });
  yields.shift()?.();
  for (let pass = 0; pass < 2; pass++) {
    await until(() => yields.length === 1);
    yields.shift()?.();
  }
  await until(() => asked.length === 3 * (SOCKETS_PER_TURN + 1));
  expect(new Set(asked)).toEqual(new Set(['default', 'other']));
  expect(questions()).toBe(6);
});
