// What people ask of an apply that is killed, and what must be true of it afterwards: nothing skipped, doubled, lost or half there.
import { fromUtf8 } from '@hakiri/base/bytes';
import type { ApplyStatus } from '@hakiri/contracts/apply';
import { blobKey, INDEX_FILE, type IndexedRevision, type RevisionIndex } from '@hakiri/contracts/revision';
import { parseManifest } from '@hakiri/manifest/parse';
import { readBody } from '@hakiri/manifest/read-body';
import { decodeIndex } from '@hakiri/manifest/revision-index';
import type { BlobStore } from '@hakiri/substrate/blob-store';
import type { CrashBed } from './crash-bed.ts';
import { pipelineId, versionOf } from './stand-ins.ts';

export type Ask = { team: string; edit: number; key: string };
type Answer = { sequence: number; digest: string };

const PIPELINES = 20;
const ATTEMPT_WAIT_S = 5;

export function createCrashHistory(bed: CrashBed) {
  const asked: Ask[] = [];
  /** The first answer that named a revision; every later one has to name the same. */
  const answers = new Map<string, Answer>();
  const tokens = new Map<string, string>();
  /** What was said last, for the error of one that never gets its answer. */
  const said = new Map<string, string>();

  function tokenOf(team: string): string {
    const token = tokens.get(team) ?? bed.token(team);
    tokens.set(team, token);
    return token;
  }

  function next(team: string): Ask {
    const edit = asked.length + 1;
    const ask = { team, edit, key: `crash-key-${edit}` };
    asked.push(ask);
    return ask;
  }

  /** Undefined when the connection broke: nothing was promised. */
  async function send(
    url: string,
    { team, edit, key }: Ask,
    waitS: number,
  ): Promise<ApplyStatus | undefined> {
    const response = await fetch(`${url}/v1/manifest/apply`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${tokenOf(team)}`,
        'content-type': 'application/json',
        'idempotency-key': key,
        prefer: `wait=${waitS}`,
      },
      body: JSON.stringify({
        scope: { kind: 'pipelines', pipelines: [pipelineId(edit % PIPELINES)] },
        version: versionOf(edit),
        message: `edit ${edit}`,
      }),
    }).catch(() => undefined);
    if (!response) return undefined;
    const text = await response.text().catch(() => '');
    said.set(key, `${response.status} ${text}`);
    if (response.status !== 200 && response.status !== 202) {
      // On its way up or down, and of a team that has many open.
      if (response.status === 503 || response.status === 429 || text === '') return undefined;
      throw new Error(`${key} was answered ${response.status}: ${text}`);
    }
    const status: ApplyStatus = JSON.parse(text);
    if (status.revision) remember(key, status.revision);
    return status;
  }

  function remember(key: string, { sequence, digest }: Answer): void {
    const first = answers.get(key);
    if (first && (first.sequence !== sequence || first.digest !== digest))
      throw new Error(`${key} was answered ${first.sequence} and then ${sequence}`);
    answers.set(key, { sequence, digest });
  }

  /** Until it is published, over as many processes as it takes; `url` is asked each time, undefined while there is none. */
  async function settle(ask: Ask, url: () => string | undefined, deadlineMs: number): Promise<void> {
    while (performance.now() < deadlineMs) {
      const at = url();
      const status = at === undefined ? undefined : await send(at, ask, ATTEMPT_WAIT_S);
      if (status?.state === 'published') return;
      await Bun.sleep(20);
    }
    throw new Error(`${ask.key} of ${ask.team} has no answer: ${said.get(ask.key) ?? 'nothing was said'}`);
  }

  async function verifyTeam(team: string): Promise<number> {
    const own = asked.filter((ask) => ask.team === team);
    const given = own.map(({ key }) => answers.get(key)?.sequence ?? 0).toSorted((a, b) => a - b);
    const wanted = own.map((_, at) => at + 1);
    if (given.join() !== wanted.join()) throw new Error(`${team} was given ${given.join(', ')}`);
    const listed = await listedIn(bed.blobs, team);
    const sequences = listed.map(({ sequence }) => sequence);
    if (sequences.join() !== wanted.toReversed().join())
      throw new Error(`the index of ${team} says ${sequences.join(', ')}`);
    for (const { file, digest, sequence } of listed) {
      const body = await readBody(async (key) => (await bed.blobs.get(key))?.bytes, team, { file, digest });
      if (body.kind !== 'whole') throw new Error(`${team} ${file} is ${body.kind}`);
      if (parseManifest(fromUtf8(body.bytes)).kind !== 'parsed')
        throw new Error(`${team} ${file} does not parse`);
      const ask = own.find(({ key }) => answers.get(key)?.sequence === sequence);
      if (answers.get(ask?.key ?? '')?.digest !== digest)
        throw new Error(`${team} ${sequence} was answered with another digest`);
    }
    return listed.length;
  }

  return {
    asked,
    answered: (): number => answers.size,
    next,
    send,
    settle,
    /** When everything that was asked has its answer. How many revisions there are. @throws with what is wrong */
    verify: async (): Promise<number> => {
      let revisions = 0;
      for (const team of new Set(asked.map((ask) => ask.team))) revisions += await verifyTeam(team);
      return revisions;
    },
    /** Revisions whose event came under more than one id, or not at all. */
    eventFaults: (): string[] =>
      asked
        .map(({ team, key }) => `${team} ${answers.get(key)?.sequence ?? 0}`)
        .filter((name) => (bed.events?.get(name)?.size ?? 1) !== 1),
  };
}

/** All that the index and its pages name, newest first. */
async function listedIn(blobs: BlobStore, team: string): Promise<IndexedRevision[]> {
  const found: IndexedRevision[] = [];
  for (let file: string | undefined = INDEX_FILE; file !== undefined; ) {
    const blob = await blobs.get(blobKey(team, file));
    const index: RevisionIndex | undefined = blob && decodeIndex(blob.bytes)?.index;
    if (!index) throw new Error(`${team} ${file} is not an index`);
    found.push(...index.revisions);
    file = index.older;
  }
  return found;
}
