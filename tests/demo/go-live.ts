// Act two: Apply. One pipeline, refusals that publish nothing, all of it, and a schedule that fires from what was published.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setSchedule } from '@hakiri/config-doc/edit';
import { versionOf } from '@hakiri/config-doc/version';
import { problemOf } from '../conformance/applying.ts';
import { createWorld } from '../conformance/world.ts';
import type { Deployment } from '../deployments.ts';
import { pipelineOf, until } from '../people.ts';
import type { Cast } from './edit-together.ts';
import { check, type Stage } from './stage.ts';

export async function goLive(stage: Stage, deployment: Deployment, cast: Cast): Promise<void> {
  const { alice, bob, vera, aliceEdits, bobEdits } = cast;
  const { data, team } = deployment.ready();
  const blobs = join(data, 'blobs/teams', team);

  stage.act('Going live');
  await stage.step(
    'Alice applies one pipeline: manifest@v1.toml and manifest-revisions.json appear, with nothing else in it',
    async () => {
      const scope = { kind: 'pipelines' as const, pipelines: ['gh-issues'] };
      const { revision } = await alice.client.apply.apply({
        scope,
        version: versionOf(aliceEdits.doc),
        message: 'issues hourly',
      });
      check(revision.number === 1, `it became ${revision.label}`);
      const toml = await readFile(join(blobs, 'manifest@v1.toml'), 'utf8');
      check(
        toml.match(/^\[\[pipeline\]\]/gm)?.length === 1 && toml.includes('gh-issues'),
        'it does not hold exactly that pipeline',
      );
      const index = JSON.parse(await readFile(join(blobs, 'manifest-revisions.json'), 'utf8'));
      check(index.revisions[0].file === 'manifest@v1.toml', 'the index does not name it');
      return `${revision.file}, ${revision.sizeBytes} bytes, ${revision.digest.slice(0, 23)}…`;
    },
  );

  await stage.step(
    'an invalid cron is refused with its path, a code and a sentence, and nothing is published',
    async () => {
      const { key, schedule } = pipelineOf(bobEdits.doc, 'gh-issues');
      setSchedule(bobEdits.doc, key, { kind: 'cron', expr: '61 * * *' });
      bobEdits.doc.commit();
      await bobEdits.settled();
      const refusal = await problemOf(
        bob.client.apply.apply({ scope: { kind: 'all' }, version: versionOf(bobEdits.doc) }),
      );
      const issue = refusal.issues?.find((candidate) => candidate.code === 'schedule.cron_invalid');
      check(
        issue?.path === '/pipelines/gh-issues/schedule/expr',
        `it was refused with ${JSON.stringify(refusal)}`,
      );
      check((await alice.client.apply.revisions()).revisions.length === 1, 'a revision was published');
      setSchedule(bobEdits.doc, key, schedule as Parameters<typeof setSchedule>[2]);
      bobEdits.doc.commit();
      await bobEdits.settled();
      return `${issue.path}  ${issue.code}\n${issue.message}`;
    },
  );

  await stage.step('a viewer is refused', async () => {
    const refusal = await problemOf(
      vera.client.apply.apply({ scope: { kind: 'all' }, version: versionOf(bobEdits.doc) }),
    );
    check(refusal.code === 'denied', `the answer was ${refusal.code}`);
    return refusal.detail;
  });

  await stage.step('Bob applies all: manifest@v2.toml, and a waiting SSE client sees it', async () => {
    const stop = new AbortController();
    const events = alice.client.apply.events({ after: 1, signal: stop.signal })[Symbol.asyncIterator]();
    const woken = events.next();
    const { revision } = await bob.client.apply.apply({
      scope: { kind: 'all' },
      version: versionOf(bobEdits.doc),
      message: 'everything',
    });
    check(revision.number === 2, `it became ${revision.label}`);
    const seen = (await woken).value;
    stop.abort();
    check(seen?.revision.number === 2, 'the event named another revision');
    return `${revision.file}, ${revision.pipelines} pipelines; the event: applied @${seen.revision.label}`;
  });

  await stage.step('a schedule fires; the node claims the run and carries out its steps', async () => {
    const owner = createWorld(() => deployment).owner();
    const finished = async () =>
      (await owner.runs.list({ pipeline: 'orders-live', state: 'succeeded' })).runs[0];
    await until('a run has succeeded', async () => (await finished()) !== undefined, 20_000);
    const run = await owner.runs.show((await finished())?.id ?? '');
    const steps = run.steps.map((step) => `${step.name} → ${JSON.stringify(step.result)}`);
    return `${run.pipeline}, due ${run.dueAt}, on node ${run.node}:\n${steps.join('\n')}`;
  });
}
