// What every DocumentLog promises, as tests. The rules DL1 … are in libs/substrate/README.md.
import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { fromUtf8, utf8 } from '@hakiri/base/bytes';
import { createPrng } from '@hakiri/base/prng';
import {
  type DocumentId,
  type DocumentLog,
  ENTRY_LIMIT_BYTES,
  GROUP_LIMIT_BYTES,
  type LoadedLog,
} from '@hakiri/substrate/document-log';

export type DocumentLogFixture = {
  log: DocumentLog;
  /** The same log as another process that takes over sees it. */
  reopen(): Promise<DocumentLog>;
  /** A log with room for a few MiB, and the same one after more room was made. */
  small(): Promise<{ log: DocumentLog; makeRoom(): Promise<DocumentLog> }>;
  close(): Promise<void>;
};

function texts(loaded: LoadedLog): string[] {
  return loaded.entries.map(fromUtf8);
}

/** Not `expect(…).rejects`, which turns the event loop inside of whoever called the test: threads starve in there. */
function refusal(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => 'taken',
    (error: unknown) => error,
  );
}

export function documentLogContract(name: string, make: () => Promise<DocumentLogFixture>): void {
  describe(`document log: ${name}`, () => {
    let fixture: DocumentLogFixture;
    let log: DocumentLog;
    let id: DocumentId;
    beforeEach(async () => {
      fixture = await make();
      log = fixture.log;
      id = { team: `t${crypto.randomUUID().slice(0, 8)}`, doc: 'main' };
    });
    afterEach(() => fixture.close());

    test('[DL1] a document nobody wrote loads empty; every open has a greater epoch', async () => {
      const first = await log.open(id);
      expect({ ...first, epoch: 0 }).toEqual({ epoch: 0, base: undefined, entries: [], position: 0 });
      const second = await log.open(id);
      expect(second.epoch).toBeGreaterThan(first.epoch);
      const third = await (await fixture.reopen()).open(id);
      expect(third.epoch).toBeGreaterThan(second.epoch);
    });

    test('[DL2] appended entries load again, all of a group and in order', async () => {
      const { epoch } = await log.open(id);
      let position = await log.append(id, epoch, 0, [utf8('a')]);
      position = await log.append(id, epoch, position, [utf8('b'), new Uint8Array(), utf8('c')]);
      expect(position).toBe(4);
      expect(await log.append(id, epoch, position, [])).toBe(4);
      const loaded = await (await fixture.reopen()).open(id);
      expect(loaded.position).toBe(4);
      expect(texts(loaded)).toEqual(['a', 'b', '', 'c']);
    });

    test('[DL3] a writer that was replaced can neither append nor compact', async () => {
      const old = await log.open(id);
      await log.append(id, old.epoch, 0, [utf8('a')]);
      const taken = await fixture.reopen();
      const fresh = await taken.open(id);
      for (const writer of [log, taken]) {
        const stale = { kind: 'stale_epoch' };
        expect(await refusal(writer.append(id, old.epoch, 1, [utf8('x')]))).toMatchObject(stale);
        expect(await refusal(writer.compact(id, old.epoch, 1, utf8('x')))).toMatchObject(stale);
      }
      await taken.append(id, fresh.epoch, 1, [utf8('b')]);
      expect(await refusal(log.append(id, old.epoch, 2, [utf8('x')]))).toMatchObject({ kind: 'stale_epoch' });
      expect(texts(await taken.open(id))).toEqual(['a', 'b']);
    });

    test('[DL4] an append that names the wrong position is refused and changes nothing', async () => {
      const { epoch } = await log.open(id);
      await log.append(id, epoch, 0, [utf8('a'), utf8('b')]);
      for (const position of [0, 1, 3])
        expect(await refusal(log.append(id, epoch, position, [utf8('x')]))).toMatchObject({
          kind: 'wrong_position',
        });
      expect(await log.append(id, epoch, 2, [utf8('c')])).toBe(3);
      expect(texts(await log.open(id))).toEqual(['a', 'b', 'c']);
    });

    test('[DL5] a base stands for what was before its position, also in the middle of a group', async () => {
      const { epoch } = await log.open(id);
      await log.append(id, epoch, 0, [utf8('a')]);
      await log.append(id, epoch, 1, [utf8('b'), utf8('c'), utf8('d')]);
      await log.compact(id, epoch, 2, utf8('AB'));
      await log.append(id, epoch, 4, [utf8('e')]);
      const loaded = await (await fixture.reopen()).open(id);
      expect(loaded.base && fromUtf8(loaded.base)).toBe('AB');
      expect(texts(loaded)).toEqual(['c', 'd', 'e']);
      expect(loaded.position).toBe(5);
      expect(await refusal(log.compact(id, epoch, 5, utf8('x')))).toMatchObject({ kind: 'stale_epoch' });
    });

    test('[DL6] a second base replaces the first; nothing at all may be left after it', async () => {
      const { epoch } = await log.open(id);
      await log.append(id, epoch, 0, [utf8('a'), utf8('b')]);
      expect(await refusal(log.compact(id, epoch, 3, utf8('x')))).toMatchObject({ kind: 'wrong_position' });
      await log.compact(id, epoch, 1, utf8('A'));
      await log.compact(id, epoch, 2, utf8('AB'));
      let loaded = await (await fixture.reopen()).open(id);
      for (let again = 0; again < 3; again += 1) loaded = await log.open(id);
      expect(loaded.base && fromUtf8(loaded.base)).toBe('AB');
      expect(texts(loaded)).toEqual([]);
      expect(await log.append(id, loaded.epoch, 2, [utf8('c')])).toBe(3);
      const large = new Uint8Array(2_000_000).fill(3);
      await log.compact(id, loaded.epoch, 3, large);
      expect((await (await fixture.reopen()).open(id)).base).toEqual(large);
    });

    test('[DL7] a list has the documents of a team, in byte order', async () => {
      for (const doc of ['b', 'a', 'a-1']) await log.open({ ...id, doc });
      await log.open({ team: `${id.team}x`, doc: 'c' });
      expect(await (await fixture.reopen()).list(id.team)).toEqual(['a', 'a-1', 'b']);
      expect(await log.list('nobody')).toEqual([]);
    });

    test('[DL8] entries and groups over the limits are refused', async () => {
      const { epoch } = await log.open(id);
      const tooLarge = { kind: 'too_large' };
      const entry = new Uint8Array(ENTRY_LIMIT_BYTES);
      const over = new Uint8Array(ENTRY_LIMIT_BYTES + 1);
      expect(await refusal(log.append(id, epoch, 0, [over]))).toMatchObject(tooLarge);
      expect(await refusal(log.append(id, epoch, 0, [entry, entry]))).toMatchObject(tooLarge);
      expect(await log.append(id, epoch, 0, [entry])).toBe(1);
      const many = Array.from({ length: 2048 }, () => new Uint8Array(GROUP_LIMIT_BYTES / 2048));
      expect(await log.append(id, epoch, 1, many)).toBe(2049);
      expect((await log.open(id)).entries).toHaveLength(2049);
    });

    test('[DL9] many documents appended at once keep what each of them was given', async () => {
      const prng = createPrng(7);
      const ids = Array.from({ length: 12 }, (_, at) => ({ team: id.team, doc: `d${at}` }));
      const expected = new Map<string, string[]>();
      await Promise.all(
        ids.map(async (one) => {
          const { epoch } = await log.open(one);
          const written: string[] = [];
          let position = 0;
          for (let round = 0; round < 10; round += 1) {
            const group = Array.from({ length: 1 + prng.below(4) }, () => `${one.doc}-${prng.next()}`);
            position = await log.append(one, epoch, position, group.map(utf8));
            written.push(...group);
          }
          expected.set(one.doc, written);
        }),
      );
      const again = await fixture.reopen();
      for (const one of ids) expect(texts(await again.open(one))).toEqual(expected.get(one.doc) ?? []);
    });

    test('[DL10] a full log says so, keeps what it acknowledged, and goes on when there is room', async () => {
      const { log: small, makeRoom } = await fixture.small();
      const { epoch } = await small.open(id);
      const entry = new Uint8Array(ENTRY_LIMIT_BYTES / 2).fill(7);
      let position = 0;
      const fill = async (): Promise<unknown> => {
        for (;;) position = await small.append(id, epoch, position, [entry]);
      };
      expect(await refusal(fill())).toMatchObject({ kind: 'full' });
      expect(position).toBeGreaterThan(0);
      expect(await small.list(id.team)).toEqual([id.doc]);
      const again = await makeRoom();
      const loaded = await again.open(id);
      expect(loaded.position).toBe(position);
      expect(loaded.entries).toEqual(Array.from({ length: position }, () => entry));
      expect(await again.append(id, loaded.epoch, position, [entry])).toBe(position + 1);
    });

    test('[DL11] the caller keeps its bytes: they may be a part of others, and are whole afterwards', async () => {
      const frame = new Uint8Array(64).map((_, at) => at);
      const { epoch } = await log.open(id);
      await log.append(id, epoch, 0, [frame.subarray(8, 16), frame.subarray(0, 4)]);
      await log.compact(id, epoch, 1, frame.subarray(8, 16));
      expect(frame).toEqual(new Uint8Array(64).map((_, at) => at));
      const loaded = await log.open(id);
      expect([loaded.base, ...loaded.entries]).toEqual([frame.slice(8, 16), frame.slice(0, 4)]);
      for (const bytes of [loaded.base, ...loaded.entries])
        expect(bytes?.buffer.byteLength).toBe(bytes?.byteLength);
    });

    test('[DL21] a group that may grow is asked for once, when it leaves, and refused like any other', async () => {
      const { epoch } = await log.open(id);
      const before = log.append(id, epoch, 0, [utf8('a')]);
      const group = [utf8('b')];
      let asked = 0;
      const growing = before.then((position) => {
        const appended = log.append(id, epoch, position, () => {
          asked += 1;
          return group;
        });
        group.push(utf8('c'));
        return appended;
      });
      expect(await growing).toBe(3);
      expect(asked).toBe(1);
      const over = new Uint8Array(ENTRY_LIMIT_BYTES + 1);
      expect(await refusal(log.append(id, epoch, 3, () => [over]))).toMatchObject({ kind: 'too_large' });
      expect(await log.append(id, epoch, 3, () => [])).toBe(3);
      expect(await log.append(id, epoch, 3, () => [utf8('d')])).toBe(4);
      expect(texts(await (await fixture.reopen()).open(id))).toEqual(['a', 'b', 'c', 'd']);
    });

    test('[DL19] what is durable is read beside its writer, who notices nothing', async () => {
      expect(await log.read(id)).toEqual({ base: undefined, entries: [], position: 0 });
      expect(await log.list(id.team)).toEqual([]);
      const { epoch } = await log.open(id);
      await log.append(id, epoch, 0, [utf8('a'), utf8('b')]);
      const other = await fixture.reopen();
      expect(await other.read(id)).toEqual({ base: undefined, entries: [utf8('a'), utf8('b')], position: 2 });
      await log.compact(id, epoch, 1, utf8('base'));
      expect(await log.append(id, epoch, 2, [utf8('c')])).toBe(3);
      for (const reader of [log, other])
        expect(await reader.read(id)).toEqual({
          base: utf8('base'),
          entries: [utf8('b'), utf8('c')],
          position: 3,
        });
      expect(await log.append(id, epoch, 3, [utf8('d')])).toBe(4);
    });

    test('[DL23] where it ends is told to whoever asks, beside its writer', async () => {
      expect(await log.position(id)).toBe(0);
      expect(await log.list(id.team)).toEqual([]);
      const { epoch } = await log.open(id);
      await log.append(id, epoch, 0, [utf8('a'), utf8('b')]);
      await log.compact(id, epoch, 2, utf8('base'));
      const other = await fixture.reopen();
      for (const reader of [log, other]) expect(await reader.position(id)).toBe(2);
      const next = await other.open(id);
      await other.append(id, next.epoch, 2, [utf8('c')]);
      expect(await log.position(id)).toBe(3);
    });
  });
}
