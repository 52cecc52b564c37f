// The document as it was: at a version that somebody saw, whatever happened since.
import { expect, test } from 'bun:test';
import { createPipeline, deletePipeline, setSchedule } from '@hakiri/config-doc/edit';
import { encodeVersion, versionOf } from '@hakiri/config-doc/version';
import { LoroDoc } from 'loro-crdt';
import { converged, join } from '../testing/bed.ts';
import { bedsOfTests } from '../testing/in-test.ts';

const bedOf = bedsOfTests();

test('[SY15.11] the document, its bytes and a pipeline are read as they were at a version', async () => {
  const bed = await bedOf({ config: { versionWaitMs: 100 } });
  const [alice, bob] = [await join(bed, 'alice'), await join(bed, 'bob')];
  const key = createPipeline(alice.doc, { id: 'gh-issues', schedule: { kind: 'every', expr: '1h' } });
  alice.doc.commit();
  await converged(alice, bob);
  const then = versionOf(alice.doc);
  setSchedule(bob.doc, key, { kind: 'every', expr: '2h' });
  bob.doc.commit();
  deletePipeline(bob.doc, key);
  bob.doc.commit();
  await converged(alice, bob);

  const at = `?version=${then}`;
  const view = await bed.http(`/v1/docs/main${at}`);
  expect(await view.json()).toMatchObject({
    version: then,
    config: { pipelines: [{ key, schedule: { expr: '1h' } }] },
  });
  const pipeline = await bed.http(`/v1/docs/main/pipelines/gh-issues${at}`);
  expect(await pipeline.json()).toMatchObject({ key, version: then, schedule: { expr: '1h' } });
  const doc = new LoroDoc();
  doc.import(await (await bed.http(`/v1/docs/main/bytes${at}`)).bytes());
  expect(doc.getMap('pipelines').toJSON()).toMatchObject({ [key]: { schedule: { expr: '1h' } } });
  // Now it is gone, and people edit on.
  expect((await bed.http('/v1/docs/main/pipelines/gh-issues')).status).toBe(404);

  const etag = view.headers.get('etag') ?? '';
  const again = await bed.http(`/v1/docs/main${at}`, { headers: { 'if-none-match': etag } });
  expect([again.status, again.headers.get('etag')]).toEqual([304, etag]);
  for (const [version, status, code] of [
    ['!', 400, 'malformed'],
    [encodeVersion(new Map([['9999', 3]])), 409, 'version_unknown'],
  ] as const)
    for (const tag of [undefined, `"${version}"`, '*']) {
      const headers = tag === undefined ? {} : { 'if-none-match': tag };
      const refused = await bed.http(`/v1/docs/main?version=${encodeURIComponent(version)}`, { headers });
      expect(refused.status).toBe(status);
      expect(await refused.json()).toMatchObject({ code });
    }
  const nowhere = await bed.http(`/v1/docs/nowhere${at}`, { headers: { 'if-none-match': etag } });
  expect(nowhere.status).toBe(404);
  alice.leave();
  bob.leave();
});
