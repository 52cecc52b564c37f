// Asking again: while somebody looks, less often while it fails, and never two at once.
import { expect, test } from 'bun:test';
import { createPoll, type Sight } from './poll.ts';

function sightOf(hidden: boolean): Sight & { show(): void } {
  const listeners = new Set<() => void>();
  const sight = {
    hidden,
    addEventListener: (_: string, listener: () => void) => void listeners.add(listener),
    removeEventListener: (_: string, listener: () => void) => void listeners.delete(listener),
    show() {
      sight.hidden = false;
      for (const listener of listeners) listener();
    },
  };
  return sight;
}

function reached(poll: { subscribe(listener: () => void): () => void }, when: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const stop = poll.subscribe(() => {
      if (!when()) return;
      stop();
      resolve();
    });
  });
}

test('[PG5.2] it is asked again while somebody looks, and not on a hidden page', async () => {
  let asked = 0;
  const sight = sightOf(false);
  const poll = createPoll({ read: async () => ++asked, everyMs: () => 1, sight });
  const third = reached(poll, () => asked >= 3);
  const stop = poll.start();
  await third;
  sight.hidden = true;
  await poll.refresh();
  const before = asked;
  const again = reached(poll, () => asked > before);
  sight.show();
  await again;
  stop();
  expect(asked).toBe(before + 1);
});

test('[PG5.2] what came last stays while it fails, and the failure goes with the next answer', async () => {
  let isBroken = false;
  const read = async (): Promise<string> => {
    if (isBroken) throw new Error('away');
    return 'there';
  };
  const poll = createPoll({ read, everyMs: () => 60_000, sight: sightOf(false) });
  await poll.refresh();
  isBroken = true;
  await poll.refresh();
  expect(poll.get()).toMatchObject({ value: 'there', failure: new Error('away') });
  isBroken = false;
  await poll.refresh();
  expect(poll.get()).toEqual({ value: 'there', isAsking: false });
});

test('[PG5.2] one question at a time: who wants news now gets an answer that was asked for after', async () => {
  let open = 0;
  let asked = 0;
  const read = async (): Promise<number> => {
    expect(++open).toBe(1);
    const mine = ++asked;
    await Promise.resolve();
    open -= 1;
    return mine;
  };
  const poll = createPoll({ read, everyMs: () => 60_000, sight: sightOf(false) });
  await Promise.all([poll.refresh(), poll.refresh(), poll.refresh()]);
  expect(asked).toBe(2);
  expect(poll.get().value).toBe(2);
});
