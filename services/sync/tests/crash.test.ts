// kill -9 at any instant: what was acknowledged is there afterwards.
import { afterEach, expect, test } from 'bun:test';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createPrng } from '@hakiri/base/prng';
import { tether } from '@hakiri/substrate/tether';
import { makeTempDirectory, type TempDirectory } from '@hakiri/testing/temp-directory';
import { until } from '@hakiri/testing/until';
import { LoroDoc } from 'loro-crdt';
import { CrdtType, MessageType, UpdateStatusCode } from 'loro-protocol';
import { anEdit, Raw, ROOM } from '../testing/bed.ts';

const SEED = 20_260_102;
const ROUNDS = 5;
const WRITERS = 3;

let directory: TempDirectory | undefined;
let child: Bun.Subprocess<'ignore', 'pipe', 'inherit'> | undefined;
afterEach(async () => {
  child?.kill('SIGKILL');
  await child?.exited;
  await directory?.remove();
});

async function startServer(dataDir: string, mode = ''): Promise<{ url: string }> {
  const script = join(import.meta.dir, '../testing/crash-server.ts');
  child = Bun.spawn([process.execPath, script, dataDir, mode], {
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'inherit',
  });
  tether(child);
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  reader.releaseLock();
  return { url: new TextDecoder().decode(value).trim() };
}

async function contentOf(server: { url: string }): Promise<Record<string, unknown>> {
  const response = await fetch(`${server.url}/v1/docs/main/bytes`, {
    headers: { authorization: 'Bearer alice' },
  });
  const doc = new LoroDoc();
  doc.import(await response.bytes());
  const content = doc.getMap('scratch').toJSON();
  doc.free();
  return content;
}

/** Sends edits until it is killed; what it was told is stored is in `acknowledged`. */
async function write(server: { url: string }, name: string, acknowledged: Set<string>): Promise<Raw> {
  const raw = await Raw.open(server);
  raw.join('alice');
  await raw.next(MessageType.JoinResponseOk);
  const sent = new Map<string, string>();
  let next = 0;
  const fill = (): void => {
    while (raw.closed === undefined && sent.size < 20) {
      const key = `${name} ${next++}`;
      sent.set(raw.update(anEdit(key, key)), key);
    }
  };
  raw.onHeard = () => {
    for (const message of raw.heard.splice(0)) {
      if (message.type !== MessageType.Ack) continue;
      const key = sent.get(message.refId);
      if (message.status === UpdateStatusCode.Ok && key !== undefined) acknowledged.add(key);
      sent.delete(message.refId);
    }
    fill();
  };
  fill();
  return raw;
}

test('[SY2.7] kill -9 in the middle of edits and compactions loses no acknowledged edit', async () => {
  directory = await makeTempDirectory();
  const prng = createPrng(SEED);
  const acknowledged = new Set<string>();
  for (let round = 0; round < ROUNDS; round++) {
    const server = await startServer(directory.path);
    const goal = acknowledged.size + 1 + prng.below(150);
    await Promise.all(
      Array.from({ length: WRITERS }, (_, index) => write(server, `r${round} w${index}`, acknowledged)),
    );
    await until(() => acknowledged.size >= goal, { what: `round ${round} of seed ${SEED}` });
    child?.kill('SIGKILL');
    await child?.exited;
  }
  const content = await contentOf(await startServer(directory.path));
  const lost = [...acknowledged].filter((key) => content[key] !== key);
  expect(lost).toEqual([]);
  expect(acknowledged.size).toBeGreaterThan(ROUNDS);
}, 120_000);

/** As `write`, by somebody who has the document: what builds on nothing is not taken any more once history was dropped. */
async function writeOn(server: { url: string }, peer: `${number}`, acknowledged: Set<string>): Promise<void> {
  const response = await fetch(`${server.url}/v1/docs/main/bytes`, {
    headers: { authorization: 'Bearer alice' },
  });
  const doc = new LoroDoc();
  doc.import(await response.bytes());
  doc.setPeerId(peer);
  const raw = await Raw.open(server);
  raw.join('alice', CrdtType.Loro, ROOM, doc.oplogVersion().encode());
  await raw.next(MessageType.JoinResponseOk);
  let next = 0;
  let last: { batch: string; key: string } | undefined;
  const send = (): void => {
    const from = doc.oplogVersion();
    const key = `${peer} ${next++}`;
    doc.getMap('scratch').set(key, key);
    doc.commit();
    last = { batch: raw.update(doc.export({ mode: 'update', from })), key };
  };
  raw.onHeard = () => {
    for (const message of raw.heard.splice(0)) {
      if (message.type !== MessageType.Ack || message.refId !== last?.batch) continue;
      if (message.status !== UpdateStatusCode.Ok) {
        // Its edit was on its way when what it builds on was dropped: it begins anew with what is there. Or the server is gone.
        raw.end();
        writeOn(server, `${Number(peer) + 10_000}`, acknowledged).catch(() => {});
        return;
      }
      acknowledged.add(last.key);
      if (raw.closed === undefined) send();
    }
  };
  send();
}

test('[SY7.17] kill -9 in the middle of compactions of the history loses no acknowledged edit', async () => {
  directory = await makeTempDirectory();
  const prng = createPrng(SEED);
  const acknowledged = new Set<string>();
  for (let round = 0; round < ROUNDS; round++) {
    const server = await startServer(directory.path, 'compacting');
    const goal = acknowledged.size + 20 + prng.below(100);
    await Promise.all(
      Array.from({ length: WRITERS }, (_, index) =>
        writeOn(server, `${100 + round * WRITERS + index}`, acknowledged),
      ),
    );
    await until(() => acknowledged.size >= goal, { what: `round ${round} of seed ${SEED}` });
    child?.kill('SIGKILL');
    await child?.exited;
  }
  const content = await contentOf(await startServer(directory.path));
  expect([...acknowledged].filter((key) => content[key] !== key)).toEqual([]);
  const blobs = await readdir(join(directory.path, 'blobs/sync/default/main'));
  expect(blobs.filter((name) => name.startsWith('archive-')).length).toBeGreaterThan(1);
}, 120_000);
