// What others ask of sync beside the editors: an answer is a promise and held against the truth, a failure is none.
import { assert, present } from '@hakiri/base/assert';
import { createPipeline } from '@hakiri/config-doc/edit';
import { readPipeline } from '@hakiri/config-doc/read';
import { decodeVersion } from '@hakiri/config-doc/version';
import type { EditRequest } from '@hakiri/contracts/sync';
import { LoroDoc } from 'loro-crdt';
import type { Documents } from '../document/documents.ts';
import type { LiveDocument } from '../document/live-document.ts';
import type { AppliedNote } from '../document/record.ts';
import { PIPELINES } from './simulated-client.ts';
import type { SimulatedTruth } from './simulated-truth.ts';
import { Violation } from './simulated-truth.ts';
import { type SimulatedWorld, TEAM } from './simulated-world.ts';

const DOCS = ['main', 'other'] as const;
const ADMIN = { kind: 'user', id: 'admin' } as const;
const NOTHING: EditRequest = { put: [], putVariables: [], delete: [], deleteVariables: [] };

/** Both documents are there, with the pipelines that people edit. */
export async function createDocuments(documents: Documents): Promise<void> {
  await documents.create({ team: TEAM, doc: 'other' }, ADMIN);
  const put = PIPELINES.map((key) => draft(key));
  for (const doc of DOCS)
    await documents.use({ team: TEAM, doc }, async (live) => {
      const reply = await live.edit({ ...NOTHING, put }, ADMIN);
      assert(reply.kind === 'done', JSON.stringify(reply));
    });
}

export class SimulatedRequests {
  readonly #world: SimulatedWorld;
  #lastApplied = 0;
  #edits = 0;

  constructor(world: SimulatedWorld) {
    this.#world = world;
  }

  ask(): void {
    const world = this.#world;
    world.count('requests');
    const doc = world.prng.pick(DOCS);
    const truth = world.disk.truthOf(`${TEAM}/${doc}`);
    const ask = world.prng.pick([this.#apply, this.#edit, this.#read]);
    void world.prng
      .pick(world.processes)
      .documents.use({ team: TEAM, doc }, (live) => ask(live, truth))
      .catch((error) => {
        if (error instanceof Violation) world.broken = error;
      });
  }

  readonly #apply = async (live: LiveDocument, truth: SimulatedTruth): Promise<void> => {
    this.#lastApplied += 1;
    const number = this.#lastApplied;
    await live.pending.recordApplied(noteOf(number), ADMIN);
    if (truth.applied < number) throw new Violation(`[SY1.9] revision ${number} is recorded and not durable`);
  };

  readonly #edit = async (live: LiveDocument, truth: SimulatedTruth): Promise<void> => {
    this.#edits += 1;
    const reply = await live.edit({ ...NOTHING, put: [draft(PIPELINES[0] ?? '', `${this.#edits}`)] }, ADMIN);
    if (reply.kind === 'done') expectDurable(reply.version, truth);
  };

  readonly #read = async (live: LiveDocument, truth: SimulatedTruth): Promise<void> => {
    expectDurable((await live.query<'version'>({ name: 'version', input: undefined })).version, truth);
  };
}

function expectDurable(version: string, truth: SimulatedTruth): void {
  if (!truth.includes(decodeVersion(version) ?? []))
    throw new Violation('[SY15.1] an answer names a version that is not durable');
}

function draft(key: string, description = ''): EditRequest['put'][number] {
  const doc = new LoroDoc();
  createPipeline(doc, { id: `p-${key}`, description }, key);
  const made = present(readPipeline(doc, key), 'it was just made');
  doc.free();
  return made;
}

function noteOf(number: number): AppliedNote {
  return {
    number,
    label: `v${number}`,
    file: `manifest@v${number}.toml`,
    digest: 'sha256:0',
    sizeBytes: 1,
    publishedAt: '2026-01-01T00:00:00Z',
    author: 'admin',
    message: '',
    doc: 'main',
    version: 'AA',
    pipelines: 1,
  };
}
