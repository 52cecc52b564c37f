// What has to hold when a simulation has settled: everybody has the same, it is what the log alone gives, attribution and
// notices are what was recorded, and nothing is left over in memory.
import { type Json, jsonEqual } from '@hakiri/base/json';
import { plainRecord } from '@hakiri/config-doc/plain';
import type { LoroDoc } from 'loro-crdt';
import { readLog } from '../host/log-state.ts';
import type { StoredContent } from './simulated-log.ts';
import { SIMULATED_CONFIG } from './simulated-process.ts';
import { type SimulatedTruth, Violation } from './simulated-truth.ts';
import type { SimulatedWorld } from './simulated-world.ts';

/** Receipts of one peer within this time are one. */
const MERGE_MS = 1_000;

export async function checkSettled(world: SimulatedWorld): Promise<void> {
  const { disk } = world;
  const settled = new Map(disk.names.map((name) => [name, checkDocument(world, name)]));
  await checkEmpty(world);
  // Whoever leaves changes nothing; a base may have been written.
  for (const name of disk.names)
    if (!Bun.deepEquals(settled.get(name), disk.contentOf(name))) checkDocument(world, name);
}

/** Answers what the log has. */
function checkDocument({ disk, clients }: SimulatedWorld, name: string): StoredContent {
  const truth = disk.truthOf(name);
  const content = disk.contentOf(name);
  const { document, leases, receipts, notes } = readLog(content, SIMULATED_CONFIG);
  try {
    expectThat(truth.includes(truth.counters), '');
    for (const [peer, end] of truth.counters)
      expectThat(
        (document.counters.get(peer as `${number}`) ?? 0) === end,
        `[SY2.5] ${name} lost operations of ${peer}`,
      );
    const state = document.loro.toJSON();
    expectThat(state.scratch?.forged === undefined, '[SY5.4] a forged edit got in');
    for (const client of clients.filter((one) => one.name === name))
      expectThat(
        jsonEqual(rootsOf(client.doc), rootsOf(document.loro)),
        `[SY3.6] ${client.user} has another document than the log`,
      );
    for (const [peer, owner] of truth.owners)
      expectThat(leases.of(peer as `${number}`)?.user === owner, `[SY5.4] nobody knows whose ${peer} is`);
    for (const { peer, start, end, user, atMs } of truth.received)
      for (const counter of [start, end - 1]) {
        const receipt = receipts.of(peer as `${number}`, counter);
        expectThat(
          receipt?.user === user,
          `[SY5.22] ${counter}@${peer} is ${user}'s, not ${receipt?.user}'s`,
        );
        expectThat(
          Math.abs((receipt?.atMs ?? 0) - atMs) <= MERGE_MS,
          `[SY5.22] ${counter}@${peer} came at another time`,
        );
      }
    const { applied, notices } = notes.reply();
    expectThat((applied?.number ?? 0) === truth.applied, `[SY1.9] revision ${truth.applied} was forgotten`);
    const kept = new Set(notices.flatMap(({ users, notice }) => users.map((user) => `${user} ${notice.id}`)));
    for (const key of noticesOf(truth))
      expectThat(kept.has(key) || truth.dismissed.has(key), `[SY6.23] ${key} was forgotten`);
  } finally {
    document.free();
  }
  return content;
}

/** Without empty roots, which appear where somebody looked for one. */
function rootsOf(doc: LoroDoc): Json {
  const roots = Object.entries(plainRecord(doc.toJSON()));
  return Object.fromEntries(roots.filter(([, value]) => Object.keys(Object(value)).length > 0));
}

function noticesOf({ notices }: SimulatedTruth): Set<string> {
  return new Set([...notices].flatMap(([id, users]) => [...users].map((user) => `${user} ${id}`)));
}

/** When everybody has left, nothing stays. */
async function checkEmpty(world: SimulatedWorld): Promise<void> {
  for (const client of world.clients) client.disconnect()?.end();
  await world.drain();
  const { now } = world;
  expectThat(now.sockets === 0, 'a socket is left');
  await world.drive(() => now.documents.size === 0);
  await world.drive(() => !now.hosts.isBusy && world.disk.waiting === 0);
  expectThat(now.hosts.held === 0, `[SY8.1] ${now.hosts.held} documents are left in the hosts`);
}

function expectThat(holds: boolean, otherwise: string): void {
  if (!holds) throw new Violation(otherwise);
}
