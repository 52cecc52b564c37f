// Conformance: editing together. Two stock clients, presence, reads without a socket, who may write, hostile frames.
import { expect, test } from 'bun:test';
import { createPrng } from '@hakiri/base/prng';
import { setSchedule, setText } from '@hakiri/config-doc/edit';
import { join, pipelineOf, until } from '../people.ts';
import { exampleText, type World } from './world.ts';

const CORRUPTED_FRAMES = 1_000;

export function editing(world: World): void {
  test('the example imports whole, and a second import changes nothing', async () => {
    const first = await world.owner().apply.import(await exampleText(), { format: 'toml' });
    expect(first.created.length).toBeGreaterThanOrEqual(12);
    const second = await world.owner().apply.import(await exampleText(), { format: 'toml' });
    expect(second).toMatchObject({ created: [], updated: [], deleted: [] });
  });

  test('two stock clients edit one pipeline at once and converge, each edit acknowledged', async () => {
    const [alice, bob] = await Promise.all([
      (await world.invite('Alice', 'editor')).edit(),
      (await world.invite('Bob', 'editor')).edit(),
    ]);
    const key = pipelineOf(alice.doc, 'gh-issues').key;
    setText(alice.doc, key, 'name', 'Issues of every repository');
    alice.doc.commit();
    setSchedule(bob.doc, key, { kind: 'cron', expr: '*/10 * * * *' });
    bob.doc.commit();
    await Promise.all([alice.settled(), bob.settled()]);
    await until('both hold both edits', () => alice.doc.version().compare(bob.doc.version()) === 0);
    expect(alice.doc.toJSON()).toEqual(bob.doc.toJSON());
    expect(pipelineOf(bob.doc, 'gh-issues')).toMatchObject({
      name: 'Issues of every repository',
      schedule: { kind: 'cron', expr: '*/10 * * * *' },
    });
    alice.leave();
    bob.leave();
  });

  test('presence says who is where, in nobody else’s name, and goes when the socket closes', async () => {
    const [alice, bob] = await Promise.all([
      (await world.invite('Alice', 'editor')).edit(),
      (await world.invite('Bob', 'viewer')).edit(),
    ]);
    alice.presence.set('alice', { focus: 'gh-issues/schedule' });
    await until('Bob sees Alice', () => bob.presence.get('alice') !== undefined);
    expect(bob.presence.get('alice')).toMatchObject({ focus: 'gh-issues/schedule', name: 'Alice' });
    bob.presence.set('alice', { focus: 'forged' });
    bob.presence.set('bob', { focus: 'gh-issues/name' });
    await until('Alice sees Bob', () => alice.presence.get('bob') !== undefined);
    expect(alice.presence.get('alice')).toEqual({ focus: 'gh-issues/schedule' });
    alice.leave();
    await until(
      'Alice is gone',
      () => bob.presence.get('alice') === undefined || bob.presence.get('alice') === null,
    );
    bob.leave();
  });

  test('the document reads over HTTP, at a version, with an ETag', async () => {
    const view = await world.owner().apply.document('main');
    expect(view.config.pipelines.map((pipeline) => pipeline.id)).toContain('gh-issues');
    const { url, ownerToken } = world.deployment().ready();
    const headers = { authorization: `Bearer ${ownerToken}` };
    const first = await fetch(`${url}/v1/docs/main`, { headers });
    await first.body?.cancel();
    const etag = first.headers.get('etag') ?? '';
    const again = await fetch(`${url}/v1/docs/main`, { headers: { ...headers, 'if-none-match': etag } });
    expect(again.status).toBe(304);
  });

  test('a viewer’s edit reaches nobody', async () => {
    const vera = await (await world.invite('Vera', 'viewer')).edit();
    const alice = await (await world.invite('Alice', 'editor')).edit();
    const key = pipelineOf(vera.doc, 'gh-issues').key;
    setText(vera.doc, key, 'name', 'written by a viewer');
    vera.doc.commit();
    setText(alice.doc, key, 'description', 'written by an editor');
    alice.doc.commit();
    await alice.settled();
    const view = await world.owner().apply.document('main');
    const pipeline = view.config.pipelines.find((candidate) => candidate.key === key);
    expect(pipeline).toMatchObject({ description: 'written by an editor' });
    expect(pipeline?.name).not.toBe('written by a viewer');
    expect(vera.acknowledged()).toBe(0);
    vera.leave();
    alice.leave();
  });

  test('a wrong token, another team’s room and a revoked token get no document', async () => {
    const { seat } = await world.invite('Eve', 'editor');
    await expect(join('Eve', { ...seat, token: 'not-a-token' })).rejects.toThrow();
    await expect(join('Eve', { ...seat, team: 'elsewhere' })).rejects.toThrow();
  });

  test(`${CORRUPTED_FRAMES} corrupted frames disturb nobody`, async () => {
    const { seat, edit } = await world.invite('Alice', 'editor');
    const alice = await edit();
    const prng = createPrng(7);
    let socket = await open(seat.url);
    for (let index = 0; index < CORRUPTED_FRAMES; index++) {
      if (socket.readyState !== WebSocket.OPEN) socket = await open(seat.url);
      socket.send(corruptedFrame(prng.below(4), prng.bytes(1 + prng.below(200))));
    }
    socket.close();
    const key = pipelineOf(alice.doc, 'gh-issues').key;
    setText(alice.doc, key, 'name', 'Still here');
    alice.doc.commit();
    await alice.settled();
    expect((await fetch(`${seat.url}/healthz`)).status).toBe(200);
    alice.leave();
  });
}

/** Noise; noise behind the right magic; text that is no ping; a room nobody joined. */
function corruptedFrame(kind: number, noise: Uint8Array): string | Uint8Array<ArrayBuffer> {
  const magic = new TextEncoder().encode('%LOR');
  if (kind === 0) return noise.slice();
  if (kind === 1) return new Uint8Array([...magic, ...noise]);
  if (kind === 2) return `nonsense ${noise.length}`;
  return new Uint8Array([
    ...magic,
    12,
    ...new TextEncoder().encode('default/main'),
    noise.length % 12,
    ...noise,
  ]);
}

async function open(url: string): Promise<WebSocket> {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/v1/sync`);
  socket.binaryType = 'arraybuffer';
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = reject;
  });
  return socket;
}
