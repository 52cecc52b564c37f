// SIGTERM, as operators send it, to the whole process: what is under way is finished, and everybody is told to come back.
import { expect, test } from 'bun:test';
import { setText } from '@hakiri/config-doc/edit';
import { createWorld, exampleText } from './conformance/world.ts';
import { embeddedDeployment } from './deployments.ts';
import { pipelineOf, until } from './people.ts';

const COME_BACK = 1012;
const STOP_LIMIT_MS = 5_000;

test('SIGTERM finishes what is under way, in seconds, and what was acknowledged is there afterwards', async () => {
  const deployment = await embeddedDeployment();
  try {
    const world = createWorld(() => deployment);
    await world.owner().apply.import(await exampleText(), { format: 'toml' });
    const { version } = await world.owner().apply.document('main');
    await world.owner().apply.apply({ scope: { kind: 'all' }, version });
    const editor = await (await world.invite('Alice', 'editor')).edit();
    const latest = await world.owner().apply.latest();
    if (latest.kind !== 'manifest') throw new Error('nothing was applied');
    const waiting = world
      .owner()
      .apply.latest({ etag: latest.etag, waitS: 25 })
      .catch((error: unknown) => error);
    const { key } = pipelineOf(editor.doc, 'gh-issues');
    for (let edit = 1; edit <= 20; edit++) {
      setText(editor.doc, key, 'description', `edit ${edit}`);
      editor.doc.commit();
    }
    await until('the first edit is acknowledged', () => editor.acknowledged() > 0);
    const begun = performance.now();
    expect(await deployment.end()).toBe(0);
    expect(performance.now() - begun).toBeLessThan(STOP_LIMIT_MS);
    expect(editor.closedWith()).toBe(COME_BACK);
    // An answer, whichever: the connection was not cut under it.
    expect(await waiting).not.toHaveProperty('name', 'Unreachable');
    const acknowledged = editor.acknowledged();
    editor.leave();
    await deployment.restart();
    const view = await world.owner().apply.document('main');
    const description = String(view.config.pipelines.find((pipeline) => pipeline.key === key)?.description);
    expect(Number(description.replace('edit ', ''))).toBeGreaterThanOrEqual(acknowledged);
  } finally {
    await deployment.stop();
  }
}, 120_000);
