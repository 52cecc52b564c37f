// Conformance: the stores themselves are slow, away or full, while people edit and apply. An Apply waits or says what is wrong,
// nothing is half published, editing goes on, and with the store back everything ends as it was asked for.
import { expect, test } from 'bun:test';
import { setText } from '@hakiri/config-doc/edit';
import type { ApplyStatus } from '@hakiri/contracts/apply';
import { pipelineOf, until } from '../people.ts';
import type { Stores } from '../stores.ts';
import { everyRevisionIsWhole } from './surviving.ts';
import type { World } from './world.ts';

const AWAY_TIMEOUT_MS = 240_000;
const WAIT_MS = 60_000;

export function stores(world: World, there: () => Stores): void {
  /** Edits, and asks for an Apply of it; says what is asked later what became of it. */
  async function editAndApply(text: string): Promise<() => Promise<ApplyStatus>> {
    const alice = await world.invite('Alice', 'applier');
    const editor = await alice.edit();
    setText(editor.doc, pipelineOf(editor.doc, 'gh-issues').key, 'description', text);
    editor.doc.commit();
    await editor.settled();
    editor.leave();
    const { version } = await alice.client.apply.document('main');
    const headers = { authorization: `Bearer ${alice.token}`, 'content-type': 'application/json' };
    const asked = await fetch(`${world.url()}/v1/manifest/apply`, {
      method: 'POST',
      headers: { ...headers, 'idempotency-key': crypto.randomUUID(), prefer: 'respond-async' },
      body: JSON.stringify({ scope: { kind: 'all' }, version }),
    });
    const { id }: ApplyStatus = await asked.json();
    return async () => {
      const answer = await fetch(`${world.url()}/v1/manifest/requests/${id}`, { headers });
      if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
      return answer.json();
    };
  }

  const latest = async (): Promise<number> =>
    (await world.owner().apply.revisions({ limit: 1 })).revisions[0]?.sequence ?? 0;

  async function published(status: () => Promise<ApplyStatus>, text: string): Promise<void> {
    const isOver = async (): Promise<boolean> => (await status()).state !== 'pending';
    await until('the request has its outcome', isOver, WAIT_MS);
    const { state, revision } = await status();
    expect(state).toBe('published');
    expect(await world.owner().apply.body(revision?.label ?? '')).toContain(text);
    await everyRevisionIsWhole(world);
  }

  test(
    'a blob store that is full delays an Apply, and nothing of it is seen until there is room',
    async () => {
      const before = await latest();
      await there().s3.limitObjects(1);
      const status = await editAndApply('while the blob store is full');
      expect((await status()).state).toBe('pending');
      expect(await latest()).toBe(before);
      await there().s3.limitObjects(undefined);
      await published(status, 'while the blob store is full');
    },
    AWAY_TIMEOUT_MS,
  );

  for (const [what, takeAway, bringBack] of [
    ['stands still', () => there().s3.signal('SIGSTOP'), () => there().s3.signal('SIGCONT')],
    [
      'answers 503',
      () => there().proxy.refuse({ before: 1, after: 0 }),
      () => there().proxy.refuse({ before: 0, after: 0 }),
    ],
    ['is killed', () => there().s3.kill(), () => there().s3.start()],
  ] as const) {
    test(
      `while the blob store ${what} editing goes on and an Apply waits; it goes live once when the store is back`,
      async () => {
        const before = await latest();
        await takeAway();
        const text = `while the blob store ${what}`;
        const status = await editAndApply(text);
        expect((await status()).state).toBe('pending');
        expect(await latest()).toBe(before);
        await bringBack();
        await published(status, text);
        expect(await latest()).toBe(before + 1);
      },
      AWAY_TIMEOUT_MS,
    );
  }

  test(
    'while the blob store answers 503 to a share of what it is asked, also after having done it, editing goes on and each Apply goes live once',
    async () => {
      const before = await latest();
      there().proxy.refuse({ before: 0.3, after: 0.3 });
      for (const text of ['one of two', 'two of two'])
        await published(await editAndApply(`at a share of 503, ${text}`), text);
      there().proxy.refuse({ before: 0, after: 0 });
      expect(await latest()).toBe(before + 2);
    },
    AWAY_TIMEOUT_MS,
  );

  test(
    'while the database of apply is away people are told to try again and editing goes on; then everything is as before',
    async () => {
      const database = there().databases.get('apply');
      if (database === undefined) throw new Error('apply has no database server');
      const before = await latest();
      const alice = await world.invite('Alice', 'applier');
      await database.kill();
      const editor = await alice.edit();
      setText(editor.doc, pipelineOf(editor.doc, 'gh-issues').key, 'description', 'without a database');
      editor.doc.commit();
      await editor.settled();
      editor.leave();
      const refused = await fetch(`${world.url()}/v1/manifest/revisions`, {
        headers: { authorization: `Bearer ${alice.token}` },
      });
      expect(refused.status).toBe(503);
      expect(await refused.json()).toMatchObject({ code: 'unavailable' });
      await database.start();
      const { version } = await alice.client.apply.document('main');
      const { revision } = await alice.client.apply.apply({ scope: { kind: 'all' }, version });
      expect(revision.sequence).toBe(before + 1);
      await everyRevisionIsWhole(world);
    },
    AWAY_TIMEOUT_MS,
  );
}
