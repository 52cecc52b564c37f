import { expect, test } from 'bun:test';
import { createSerial } from './serial.ts';

test('work begins when the work before it has settled, in the order asked for', async () => {
  const serial = createSerial();
  const first = Promise.withResolvers<string>();
  const order: string[] = [];
  const answers = [
    serial.run(() => {
      order.push('first begins');
      return first.promise;
    }),
    serial.run(async () => {
      order.push('second begins');
      return 'b';
    }),
  ];
  await Promise.resolve();
  expect(order).toEqual(['first begins']);
  first.resolve('a');
  expect(await Promise.all(answers)).toEqual(['a', 'b']);
  expect(order).toEqual(['first begins', 'second begins']);
});

test('a failure is its own: the caller gets it, the next one begins', async () => {
  const serial = createSerial();
  const failed = serial.run(() => Promise.reject(new Error('no')));
  const thrown = serial.run(() => {
    throw new Error('not even a promise');
  });
  const next = serial.run(async () => 'yes');
  await expect(failed).rejects.toThrow('no');
  await expect(thrown).rejects.toThrow('not even a promise');
  expect(await next).toBe('yes');
});

test('idle waits for what is asked for meanwhile, too', async () => {
  const serial = createSerial();
  const done: string[] = [];
  const gate = Promise.withResolvers<void>();
  const asked = serial.run(async () => {
    void serial.run(async () => {
      await gate.promise;
      done.push('second');
    });
    done.push('first');
  });
  const idle = serial.idle().then(() => done.push('idle'));
  await asked;
  gate.resolve();
  await idle;
  expect(done).toEqual(['first', 'second', 'idle']);
});
