// What the log answers by itself while the host opens the document, and what has to wait for the host.
import { expect, test } from 'bun:test';
import { migrate } from '@hakiri/config-doc/migrations';
import { SCHEMA_VERSION } from '@hakiri/config-doc/shape';
import { versionOf } from '@hakiri/config-doc/version';
import { LoroDoc } from 'loro-crdt';
import { encodeBase } from './base.ts';
import { CommandQueue, type Entry } from './command-queue.ts';
import { LogHead } from './log-head.ts';

test('[SY8.8] a join is not answered from the log before what the same socket said earlier', () => {
  const doc = new LoroDoc();
  migrate(doc);
  const snapshot = doc.export({ mode: 'snapshot' });
  const base = encodeBase({ snapshot, version: versionOf(doc), schema: SCHEMA_VERSION, leases: [] });
  const head = new LogHead({ base, entries: [] });
  const version = head.snapshot()?.version ?? new Uint8Array();
  const answered: number[] = [];
  const queue = new CommandQueue();
  const add = (command: Entry['command']): void =>
    queue.add({
      command,
      done: () => {
        if (command.kind === 'join') answered.push(command.input.connection);
      },
      fail: () => {},
    });
  add({ kind: 'update', input: { updates: [], user: 'alice', connection: 1, atMs: 0 } });
  const who = {
    user: 'alice',
    atMs: 0,
    device: undefined,
    isFresh: true,
    isEditor: false,
    speaks: undefined,
  };
  for (const connection of [1, 2]) add({ kind: 'join', input: { ...who, version, connection } });
  queue.answerBy(head);
  expect(answered).toEqual([2]);
  expect(queue.all().map(({ command }) => command.kind)).toEqual(['update', 'join']);
});
