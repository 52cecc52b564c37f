// What every BlobStore promises, as tests. The rules BS1 … are in libs/substrate/README.md.
import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { fromUtf8, utf8 } from '@hakiri/base/bytes';
import { type BlobStore, BlobStoreError } from '@hakiri/substrate/blob-store';

export type BlobStoreFixture = {
  /** Two views of one store, as two processes have them. */
  stores: [BlobStore, BlobStore];
  close(): Promise<void>;
};

export function blobStoreContract(name: string, make: () => Promise<BlobStoreFixture>): void {
  describe(`blob store: ${name}`, () => {
    let fixture: BlobStoreFixture;
    let store: BlobStore;
    let other: BlobStore;
    beforeEach(async () => {
      fixture = await make();
      [store, other] = fixture.stores;
    });
    afterEach(() => fixture.close());

    test('[BS1] what is put is read back, with its etag, by everybody', async () => {
      expect(await store.get('a/b.toml')).toBeUndefined();
      const put = await store.putIfAbsent('a/b.toml', utf8('one'));
      (await store.get('a/b.toml'))?.bytes.fill(0);
      const found = await other.get('a/b.toml');
      expect(found && fromUtf8(found.bytes)).toBe('one');
      expect(put).toEqual({ kind: 'stored' });
      const large = new Uint8Array(3_000_000).fill(7);
      await store.putIfAbsent('large', large);
      expect((await other.get('large'))?.bytes).toEqual(large);
      await store.putIfAbsent('empty', new Uint8Array());
      expect((await other.get('empty'))?.bytes).toEqual(new Uint8Array());
    });

    test('[BS2] of many that put what is absent one wins, and it stays', async () => {
      const outcomes = await Promise.all(
        Array.from({ length: 16 }, (_, at) =>
          (at % 2 === 0 ? store : other).putIfAbsent('dir/key', utf8(`by ${at}`)),
        ),
      );
      const winners = outcomes.flatMap((one, at) => (one.kind === 'stored' ? [at] : []));
      expect(winners).toHaveLength(1);
      const found = await store.get('dir/key');
      expect(found && fromUtf8(found.bytes)).toBe(`by ${winners[0]}`);
    });

    test('[BS3] a conditional put replaces exactly the version it names', async () => {
      await store.putIfAbsent('k', utf8('1'));
      const first = (await store.get('k'))?.etag ?? '';
      const second = await store.putIfMatch('k', utf8('2'), first);
      expect(second.kind).toBe('stored');
      expect(await other.putIfMatch('k', utf8('3'), first)).toEqual({ kind: 'mismatch' });
      expect(await other.putIfMatch('absent', utf8('3'), first)).toEqual({ kind: 'mismatch' });
      const found = await other.get('k');
      expect(found && fromUtf8(found.bytes)).toBe('2');
      expect(second).toEqual({ kind: 'stored' });
    });

    test('[BS4] conditional puts that retry lose no change', async () => {
      await store.putIfAbsent('counter', utf8('0'));
      const increment = async (own: BlobStore): Promise<void> => {
        for (;;) {
          const current = await own.get('counter');
          if (current === undefined) throw new Error('the counter is gone');
          const next = utf8(`${Number(fromUtf8(current.bytes)) + 1}`);
          if ((await own.putIfMatch('counter', next, current.etag)).kind === 'stored') return;
        }
      };
      await Promise.all(Array.from({ length: 12 }, (_, at) => increment(at % 2 === 0 ? store : other)));
      const found = await store.get('counter');
      expect(found && fromUtf8(found.bytes)).toBe('12');
    });

    test('[BS5] a list has the keys with the prefix, in byte order, and no others', async () => {
      for (const key of ['t/b/2', 't/a/1', 't/a/10', 't/A', 'ta', 'u/x', 't/a-b'])
        await store.putIfAbsent(key, utf8(key));
      await store.putIfMatch('ta', utf8('new'), (await store.get('ta'))?.etag ?? '');
      expect(await other.list('t/')).toEqual(['t/A', 't/a-b', 't/a/1', 't/a/10', 't/b/2']);
      expect(await other.list('t/a')).toEqual(['t/a-b', 't/a/1', 't/a/10']);
      expect(await other.list('t')).toContain('ta');
      expect(await other.list('')).toHaveLength(7);
      expect(await other.list('nothing/here')).toEqual([]);
    });

    test('[BS13] the folders below a prefix are told, each once, in byte order, whatever lies in them', async () => {
      for (const key of ['t/b/2', 't/b/3', 't/a/x/1', 't/B/1', 't/file', 'tt/c/1', 'u/x'])
        await store.putIfAbsent(key, utf8(key));
      expect(await other.folders('t/')).toEqual(['B', 'a', 'b']);
      expect(await other.folders('t/a/')).toEqual(['x']);
      expect(await other.folders('t/b/')).toEqual([]);
      expect(await other.folders('nothing/')).toEqual([]);
    });

    test('[BS6] a deleted key is gone and may be put again; deleting nothing is fine', async () => {
      await store.putIfAbsent('d/k', utf8('1'));
      await other.delete('d/k');
      await other.delete('d/k');
      expect(await store.get('d/k')).toBeUndefined();
      expect((await store.putIfAbsent('d/k', utf8('2'))).kind).toBe('stored');
    });

    test('[BS12] what is staged is seen once it is put, unless something else is there; dropped, never', async () => {
      const staged = store.stage('s/k', utf8('1'));
      const beaten = other.stage('s/k', utf8('2'));
      const dropped = store.stage('s/dropped', utf8('3'));
      expect(await other.list('s/')).toEqual([]);
      expect(await other.get('s/k')).toBeUndefined();
      expect((await staged.put()).kind).toBe('stored');
      expect((await beaten.put()).kind).toBe('exists');
      await dropped.drop();
      await staged.drop();
      const found = await other.get('s/k');
      expect(found && fromUtf8(found.bytes)).toBe('1');
      expect(await other.list('s/')).toEqual(['s/k']);
      const large = new Uint8Array(3_000_000).fill(7);
      expect((await store.stage('s/large', large).put()).kind).toBe('stored');
      expect((await other.get('s/large'))?.bytes).toEqual(large);
      for (const key of ['../a', 'a b']) {
        const nowhere = async (): Promise<unknown> => store.stage(key, utf8('x')).put();
        await expect(nowhere()).rejects.toBeInstanceOf(BlobStoreError);
      }
    });

    test('[BS7] a key that could leave the store, or hide in it, is refused', async () => {
      for (const key of ['', '/a', 'a//b', '../a', 'a/..', './a', 'a b', 'a\\b', '~x', 'ä', 'a/'])
        await expect(store.putIfAbsent(key, utf8('x'))).rejects.toBeInstanceOf(BlobStoreError);
    });
  });
}
