// How much is handed in for rescue at once: asked over real sockets, whose bodies come when the test says so.
import { describe, expect, test } from 'bun:test';
import { until } from '@hakiri/testing/until';
import { RESCUE_UPDATES } from '../config.ts';
import { anEdit, type Bed } from '../testing/bed.ts';
import { handIn } from '../testing/compacting.ts';
import { bedsOfTests } from '../testing/in-test.ts';
import { RescueGate } from './rescue-gate.ts';

const bedOf = bedsOfTests();

/** Says how many bytes will come, and sends none of them. `heard`: what was answered. */
async function announce(bed: Bed, token: string, bytes: number) {
  const { hostname, port } = new URL(bed.url);
  let heard = '';
  const socket = await Bun.connect({
    hostname,
    port: Number(port),
    socket: {
      data: (_, data) => {
        heard += data.toString();
      },
    },
  });
  socket.write(
    `POST /v1/docs/main/rescue HTTP/1.1\r\nhost: ${hostname}\r\nauthorization: Bearer ${token}\r\ncontent-length: ${bytes}\r\n\r\n`,
  );
  return { heard: () => heard, end: () => socket.end() };
}

describe('over HTTP', () => {
  test('[SY11.15] two requests of a user are open at once, others come in, and both places are free again', async () => {
    const bed = await bedOf();
    const open = [await announce(bed, 'alice', 1_000), await announce(bed, 'alice', 1_000)];
    await until(async () => (await handIn(bed, anEdit('a', 'b', '4711'))).status === 429);
    const refused = await handIn(bed, anEdit('a', 'b', '4711'));
    expect(refused.headers.get('retry-after')).toBe('3');
    expect(await refused.json()).toMatchObject({
      code: 'rate_limited',
      detail: expect.stringContaining('hand in the next when it is answered'),
    });
    expect((await handIn(bed, anEdit('c', 'd', '4712'), 'bob')).status).toBe(200);
    for (const { end } of open) end();
    await until(async () => (await handIn(bed, anEdit('e', 'f', '4713'))).status === 200);
  });

  test('[SY11.15] all together are bounded in bytes, and each before its body is read', async () => {
    const update = { bytes: 2_000, counters: 1_000, perFrame: 1 };
    const limit = RESCUE_UPDATES * update.bytes;
    const bed = await bedOf({ config: { update, rescues: { openPerUser: 2, openBytes: limit + 10 } } });
    const tooLarge = await announce(bed, 'alice', limit + 1);
    await until(() => tooLarge.heard().includes('HTTP/1.1 413'));
    expect(tooLarge.heard()).toContain('too_large');
    const held = await announce(bed, 'bob', limit);
    await until(async () => (await handIn(bed, anEdit('a', 'b', '4711'))).status === 429);
    const full = await handIn(bed, anEdit('a', 'b', '4711'));
    expect(await full.json()).toMatchObject({ detail: expect.stringContaining('try again') });
    held.end();
    await until(async () => (await handIn(bed, anEdit('a', 'b', '4711'))).status === 200);
    tooLarge.end();
  });
});

test('[SY11.15] what left is counted no more, whoever it was', () => {
  const gate = new RescueGate({ openPerUser: 2, openBytes: 100 });
  const [first, second] = [gate.enter('alice', 40), gate.enter('alice', 40)];
  expect(gate.enter('alice', 1)).toEqual({ kind: 'own' });
  expect(gate.enter('bob', 21)).toEqual({ kind: 'full' });
  const third = gate.enter('bob', 20);
  for (const entered of [first, second, third]) {
    if (entered.kind !== 'entered') throw new Error(entered.kind);
    entered.leave();
  }
  expect(gate.enter('carol', 100).kind).toBe('entered');
});
