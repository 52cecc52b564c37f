// The simulated clock itself.
import { expect, test } from 'bun:test';
import { createSimulatedClock } from './simulated-clock.ts';

test('[TE1] timers run at their own moment, in order, and not before the clock is moved', async () => {
  const clock = createSimulatedClock(1000);
  const ran: string[] = [];
  clock.after(20, () => ran.push(`b ${clock.now()}`));
  clock.after(10, () => {
    ran.push(`a ${clock.now()}`);
    clock.after(5, () => ran.push(`a2 ${clock.now()}`));
  });
  const cancelled = clock.after(15, () => ran.push('never'));
  cancelled.cancel();
  expect(ran).toEqual([]);
  await clock.advance(25);
  expect(ran).toEqual(['a 1010', 'a2 1015', 'b 1020']);
  expect(clock.now()).toBe(1025);
  expect(clock.nextDue()).toBeUndefined();
});

test('[TE1] an aborted sleep rejects with its reason and leaves no timer', async () => {
  const clock = createSimulatedClock();
  const controller = new AbortController();
  const sleeping = clock.sleep(1000, controller.signal);
  controller.abort(new Error('enough'));
  await expect(sleeping).rejects.toThrow('enough');
  expect(clock.nextDue()).toBeUndefined();
});
