// Several documents of one team in one manifest, over real HTTP and the real bus.
import { afterEach, beforeEach, expect, test } from 'bun:test';
import type { ConfigDraft, PipelineDraft } from '@hakiri/contracts/config';
import type { Scope } from '@hakiri/contracts/scope';
import { parseManifest } from '@hakiri/manifest/parse';
import { type Applied, apply, type Bed, get, openBed, type Running } from '../testing/bed.ts';
import { keyOf, pipeline } from '../testing/bed-peer.ts';

const ALL = { kind: 'all' } as const;
let bed: Bed;
let running: Running;
let applier: string;

beforeEach(async () => {
  bed = await openBed();
  running = await bed.start();
  applier = bed.token('applier', 'alice');
});
afterEach(() => bed.close());

const draft = (...pipelines: PipelineDraft[]): ConfigDraft => ({ pipelines, variables: [] });
const send = (doc: string, scope: Scope = ALL): Promise<Applied> =>
  apply(running.url, applier, { doc, scope, version: bed.peer.version(doc) });

async function published(): Promise<string[]> {
  const toml = await (await get(running.url, applier, 'latest')).text();
  const parsed = parseManifest(toml);
  if (parsed.kind !== 'parsed') throw new Error('what was published parses');
  return parsed.draft.pipelines.map(({ id, doc }) => `${id}@${doc ?? 'main'}`);
}

test('[AP1.3] Applies of two documents leave each other alone, in every scope', async () => {
  bed.peer.edit(draft(pipeline(1), pipeline(2)));
  bed.peer.edit(draft(pipeline(3), pipeline(4)), 'eu');
  expect((await send('main')).body.state).toBe('published');
  expect((await send('eu')).body.state).toBe('published');
  expect(await published()).toEqual(['p-1@main', 'p-2@main', 'p-3@eu', 'p-4@eu']);
  bed.peer.edit(draft(pipeline(3, { enabled: false })), 'eu');
  expect((await send('eu', { kind: 'group', group: 'even' })).body.state).toBe('published');
  expect(await published()).toEqual(['p-1@main', 'p-2@main', 'p-3@eu']);
  bed.peer.edit(draft());
  expect((await send('main')).body.state).toBe('published');
  expect(await published()).toEqual(['p-3@eu']);
});

test('[AP1.6] a moved pipeline stays live until its new document is applied, whichever comes first', async () => {
  bed.peer.edit(draft(pipeline(1), pipeline(2)));
  await send('main');
  bed.peer.edit(draft(pipeline(2)), 'eu');
  bed.peer.edit(draft(pipeline(1)));
  bed.peer.setMoved('main', [{ to: 'eu', pipelines: [keyOf(2)] }]);
  expect((await send('main')).body).toMatchObject({ state: 'published', unchanged: true });
  expect(await published()).toEqual(['p-1@main', 'p-2@main']);
  expect((await send('eu')).body.state).toBe('published');
  expect(await published()).toEqual(['p-1@main', 'p-2@eu']);
  expect((await send('main')).body).toMatchObject({ unchanged: true });
});

test('[AP1.6] a pipeline that both documents have is refused until it is in one', async () => {
  bed.peer.edit(draft(pipeline(1), pipeline(2)));
  await send('main');
  bed.peer.edit(draft(pipeline(2)), 'eu');
  const refused = await send('eu');
  expect(refused.body).toMatchObject({
    code: 'invalid_config',
    issues: [{ code: 'doc.contested', path: '/pipelines/p-2/key' }],
  });
  bed.peer.edit(draft(pipeline(1)));
  expect((await send('eu')).body.state).toBe('published');
  expect(await published()).toEqual(['p-1@main', 'p-2@eu']);
});

test('[AP13.14] export names the document, import takes it back there and refuses it elsewhere', async () => {
  bed.peer.edit(draft(pipeline(1)), 'eu');
  const editor = bed.token('editor');
  const toml = await (await get(running.url, editor, 'export?doc=eu')).text();
  expect(toml).toContain('doc = "eu"');
  const json = await (await get(running.url, editor, 'export?doc=eu&format=json')).text();
  const post = async (doc: string, body: string, type: string) => {
    const response = await fetch(`${running.url}/v1/manifest/import?doc=${doc}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${editor}`, 'content-type': type },
      body,
    });
    return { status: response.status, body: await response.json() };
  };
  for (const [body, type] of [
    [toml, 'application/toml'],
    [json, 'application/json'],
  ] as const) {
    expect(await post('eu', body, type)).toMatchObject({ status: 200, body: { unchanged: ['p-1'] } });
    expect(await post('main', body, type)).toMatchObject({
      status: 422,
      body: { issues: [{ code: 'doc.other', path: '/pipelines/p-1/doc' }] },
    });
  }
  expect(bed.peer.current('eu').pipelines).toEqual([pipeline(1)]);
});
