// Conformance: SIGKILL to everything in the middle of edits and an Apply. What was acknowledged is there, numbers have no gap,
// no index entry without its body. Where services are processes: each of them away, while editing goes on.
import { expect, test } from 'bun:test';
import { setText } from '@hakiri/config-doc/edit';
import { pipelineOf, until } from '../people.ts';
import type { World } from './world.ts';

const SIGKILL_TIMEOUT_MS = 120_000;

export function surviving(world: World, options: { processes: boolean }): void {
  test(
    'after SIGKILL every acknowledged edit and every revision is whole',
    async () => {
      const alice = await world.invite('Alice', 'applier');
      const editor = await alice.edit();
      const key = pipelineOf(editor.doc, 'gh-issues').key;
      for (let index = 1; index <= 50; index++) {
        setText(editor.doc, key, 'description', `edit ${index}`);
        editor.doc.commit();
      }
      await until('some edits are acknowledged', () => editor.acknowledged() >= 10);
      const version = (await alice.client.apply.document('main')).version;
      const applying = alice.client.apply.apply({ scope: { kind: 'all' }, version }).catch(() => undefined);
      await world.deployment().kill();
      const acknowledged = editor.acknowledged();
      editor.leave();
      await world.deployment().restart();
      await applying;
      const view = await world.owner().apply.document('main');
      const description = String(view.config.pipelines.find((pipeline) => pipeline.key === key)?.description);
      expect(Number(description.replace('edit ', ''))).toBeGreaterThanOrEqual(acknowledged);
      await everyRevisionIsWhole(world);
    },
    SIGKILL_TIMEOUT_MS,
  );

  for (const name of options.processes ? (['apply', 'scheduler', 'auth'] as const) : []) {
    test(
      `editing lives while ${name} is down, and ${name} goes on when it returns`,
      async () => {
        const service = world.deployment().service?.(name);
        if (!service) throw new Error('this deployment has no processes');
        const alice = await world.invite('Alice', 'applier');
        const editor = await alice.edit();
        await service.down();
        const key = pipelineOf(editor.doc, 'gh-issues').key;
        setText(editor.doc, key, 'name', `without ${name}`);
        editor.doc.commit();
        await editor.settled();
        await service.up();
        editor.leave();
        const { version } = await alice.client.apply.document('main');
        const { revision } = await alice.client.apply.apply({ scope: { kind: 'all' }, version });
        expect(revision.number).toBeGreaterThan(0);
        await everyRevisionIsWhole(world);
      },
      SIGKILL_TIMEOUT_MS,
    );
  }
}

export async function everyRevisionIsWhole(world: Pick<World, 'owner'>): Promise<void> {
  const { apply } = world.owner();
  const { revisions } = await apply.revisions({ limit: 200 });
  expect(revisions.map((revision) => revision.sequence)).toEqual(
    revisions.map((_, index) => revisions.length - index),
  );
  for (const revision of revisions) {
    const digest = new Bun.CryptoHasher('sha256').update(await apply.body(revision.label)).digest('hex');
    expect(`sha256:${digest}`).toBe(revision.digest);
  }
}
