// Apply of 1 of 200 pipelines, asked over HTTP until the answer "published"; against writing the same manifest and index
// durably, which is the least that any publisher does.
import { mkdtemp, open, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setText } from '@hakiri/config-doc/edit';
import { versionOf } from '@hakiri/config-doc/version';
import { pipelineOf } from '@hakiri/tests/people';
import { type Figure, quantile } from './figures.ts';
import { PIPELINES, type Subject } from './subject.ts';

const APPLIES = 20;

export async function applyLatency(subject: Subject): Promise<Figure[]> {
  const editor = await subject.editor('applier');
  const { apply } = subject.client;
  await apply.apply({ scope: { kind: 'all' }, version: versionOf(editor.doc) });
  const { key } = pipelineOf(editor.doc, 'pipeline-3');
  const times: number[] = [];
  for (let round = 0; round < APPLIES; round++) {
    setText(editor.doc, key, 'description', `round ${round}`);
    editor.doc.commit();
    await editor.settled();
    const begun = performance.now();
    await apply.apply({
      scope: { kind: 'pipelines', pipelines: ['pipeline-3'] },
      version: versionOf(editor.doc),
    });
    times.push(performance.now() - begun);
  }
  editor.leave();
  const latest = await apply.latest();
  const floor = await durableWrites(latest.kind === 'manifest' ? latest.toml : '');
  return [
    {
      name: `apply of 1 of ${PIPELINES}, p50`,
      unit: 'ms',
      ours: quantile(times, 0.5),
      floor: { name: 'two durable files', value: quantile(floor, 0.5) },
    },
  ];
}

async function durableWrites(text: string): Promise<number[]> {
  const folder = await mkdtemp(join(tmpdir(), 'hakiri-bench-'));
  const times: number[] = [];
  for (let round = 0; round < APPLIES; round++) {
    const begun = performance.now();
    for (const name of ['manifest.toml', 'index.json']) {
      const file = await open(join(folder, `${name}.tmp`), 'w');
      await file.writeFile(text);
      await file.sync();
      await file.close();
      await rename(join(folder, `${name}.tmp`), join(folder, name));
    }
    times.push(performance.now() - begun);
  }
  await rm(folder, { recursive: true });
  return times;
}
