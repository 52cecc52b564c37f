// Act three: SIGKILL in the middle of edits and of a run, and everything that was promised is there afterwards.
import { setText } from '@hakiri/config-doc/edit';
import type { RunDetail } from '@hakiri/contracts/scheduler';
import { everyRevisionIsWhole } from '../conformance/surviving.ts';
import { createWorld } from '../conformance/world.ts';
import type { Deployment } from '../deployments.ts';
import { pipelineOf, until } from '../people.ts';
import type { Cast } from './edit-together.ts';
import { check, type Stage } from './stage.ts';

const EDITS = 40;

export async function surviveCrash(stage: Stage, deployment: Deployment, cast: Cast): Promise<void> {
  const world = createWorld(() => deployment);
  const { aliceEdits, bobEdits } = cast;
  let interrupted: RunDetail | undefined;
  let acknowledged = 0;

  stage.act('Crashing');
  await stage.step('SIGKILL in the middle of a run and of edits', async () => {
    const { id } = await world.owner().runs.start('orders-eu');
    await until('the run has finished its first step', async () => {
      interrupted = await world.owner().runs.show(id);
      return interrupted.steps.length > 0;
    });
    const { key } = pipelineOf(aliceEdits.doc, 'gh-issues');
    await aliceEdits.settled();
    const before = aliceEdits.acknowledged();
    for (let edit = 1; edit <= EDITS; edit++) {
      setText(aliceEdits.doc, key, 'description', `edit ${edit}`);
      aliceEdits.doc.commit();
    }
    await until('some edits are acknowledged', () => aliceEdits.acknowledged() > before);
    await deployment.kill();
    acknowledged = aliceEdits.acknowledged() - before;
    aliceEdits.leave();
    bobEdits.leave();
    return `${acknowledged} of ${EDITS} edits were acknowledged, ${interrupted?.steps.length ?? 0} step(s) were finished`;
  });

  await stage.step('it starts again, and every acknowledged edit is there', async () => {
    await deployment.restart();
    const view = await world.owner().apply.document('main');
    const description = String(
      view.config.pipelines.find((pipeline) => pipeline.id === 'gh-issues')?.description,
    );
    const kept = Number(/^edit (\d+)$/.exec(description)?.[1] ?? 0);
    check(kept >= acknowledged, `only ${kept} of ${acknowledged} acknowledged edits are there`);
    return `the document says "${description}"`;
  });

  await stage.step('the run resumes behind its last finished step', async () => {
    const before = interrupted;
    check(before, 'no run was interrupted');
    const now = () => world.owner().runs.show(before.id);
    await until(
      'the run has ended',
      async () => ['succeeded', 'failed'].includes((await now()).state),
      20_000,
    );
    const run = await now();
    check(run.state === 'succeeded', `it ${run.state}: ${run.error}`);
    for (const step of before.steps) {
      const same = run.steps.find((candidate) => candidate.index === step.index);
      check(same?.finishedAt === step.finishedAt, `step ${step.name} ran again`);
    }
    return run.steps
      .map((step) => `${step.name}, finished ${step.finishedAt} under claim ${step.fence}`)
      .join('\n');
  });

  await stage.step('revisions are whole: no gap, every body with its digest', async () => {
    await everyRevisionIsWhole(world);
    return undefined;
  });

  await stage.step('the structured diff of v1 and v2', async () => {
    const diff = await world.owner().apply.diff('v1', 'v2');
    check(diff.pipelines.length >= 11, 'the pipelines that v2 added are not in it');
    return diff.pipelines
      .map(
        (change) => `${change.kind === 'added' ? '+' : change.kind === 'removed' ? '-' : '~'} ${change.id}`,
      )
      .join('\n');
  });
}
