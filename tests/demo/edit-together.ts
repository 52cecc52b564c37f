// Act one: a realistic configuration, and two people who edit the same pipeline at once.
import { setEnabled, setSchedule, setText } from '@hakiri/config-doc/edit';
import { createWorld, exampleText, type Guest } from '../conformance/world.ts';
import type { Deployment } from '../deployments.ts';
import { type Person, pipelineOf, until } from '../people.ts';
import { check, type Stage } from './stage.ts';

export type Cast = { alice: Guest; bob: Guest; vera: Guest; aliceEdits: Person; bobEdits: Person };

export async function editTogether(stage: Stage, deployment: Deployment): Promise<Cast> {
  const world = createWorld(() => deployment);
  stage.act('Editing together');
  await stage.step('a realistic hakiri.toml becomes the document', async () => {
    const result = await world.owner().apply.import(await exampleText(), { format: 'toml' });
    check(result.created.length >= 12, `only ${result.created.length} pipelines arrived`);
    return `${result.created.length} pipelines: ${result.created.slice(0, 6).join(', ')}, …`;
  });
  const [alice, bob, vera] = await Promise.all([
    world.invite('Alice', 'applier'),
    world.invite('Bob', 'applier'),
    world.invite('Vera', 'viewer'),
  ]);
  const [aliceEdits, bobEdits] = await Promise.all([alice.edit(), bob.edit()]);

  await stage.step(
    'Alice and Bob, two unmodified loro-websocket clients, edit one pipeline at once and converge',
    async () => {
      const { key } = pipelineOf(aliceEdits.doc, 'gh-issues');
      setSchedule(aliceEdits.doc, key, { kind: 'cron', expr: '0 * * * *', timezone: 'Europe/Berlin' });
      aliceEdits.doc.commit();
      setText(bobEdits.doc, key, 'name', 'Issues, all repositories');
      setEnabled(bobEdits.doc, key, true);
      bobEdits.doc.commit();
      await Promise.all([aliceEdits.settled(), bobEdits.settled()]);
      await until(
        'both have both edits',
        () => aliceEdits.doc.version().compare(bobEdits.doc.version()) === 0,
      );
      const [hers, his] = [pipelineOf(aliceEdits.doc, 'gh-issues'), pipelineOf(bobEdits.doc, 'gh-issues')];
      check(JSON.stringify(hers) === JSON.stringify(his), 'the two documents differ');
      check(his.name === 'Issues, all repositories', 'Bob’s edit is not there');
      return `gh-issues is now "${String(his.name)}" at ${JSON.stringify(his.schedule)}`;
    },
  );

  await stage.step('presence says who is where', async () => {
    aliceEdits.presence.set('alice', { focus: 'gh-issues/schedule' });
    await until('Bob sees Alice', () => bobEdits.presence.get('alice') !== undefined);
    const seen = bobEdits.presence.get('alice');
    check(JSON.stringify(seen).includes('Alice'), 'the server did not stamp her name on it');
    return `Bob sees ${JSON.stringify(seen)}`;
  });
  return { alice, bob, vera, aliceEdits, bobEdits };
}
