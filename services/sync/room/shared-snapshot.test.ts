// The snapshot that joins share: made once for all who wait for it, kept as long as somebody joins.
import { expect, test } from 'bun:test';
import type { Snapshot } from '../host/protocol.ts';
import { SharedSnapshot } from './shared-snapshot.ts';

function make() {
  const asked: { done(snapshot: Snapshot): void; fail(error: Error): void }[] = [];
  const time = { ms: 0 };
  const shared = new SharedSnapshot(
    (done, fail) => asked.push({ done, fail }),
    () => time.ms,
  );
  const given: (Snapshot | Error)[] = [];
  return { shared, asked, time, given, use: () => shared.use((snapshot) => given.push(snapshot)) };
}

const aSnapshot = (): Snapshot => ({ bytes: Uint8Array.of(1), version: Uint8Array.of(0) });

test('[SY3.1] it is made once for all who wait, and not again for who comes later', () => {
  const { asked, given, use } = make();
  for (let join = 0; join < 3; join++) use();
  expect(asked).toHaveLength(1);
  const snapshot = aSnapshot();
  asked[0]?.done(snapshot);
  use();
  expect(given).toEqual(Array(4).fill(snapshot));
  expect(asked).toHaveLength(1);
});

test('[SY3.1] the one in the log serves as well, and is not looked at before; where there is none the host makes one', () => {
  const { shared, asked, given, use } = make();
  const snapshot = aSnapshot();
  let looks = 0;
  shared.offer(() => {
    looks += 1;
    return snapshot;
  });
  expect(looks).toBe(0);
  use();
  use();
  expect(given).toEqual([snapshot, snapshot]);
  expect(looks).toBe(1);
  expect(asked).toEqual([]);
  shared.drop();
  shared.offer(() => undefined);
  use();
  expect(asked).toHaveLength(1);
});

test('[SY3.1] one that cannot be made is an answer, too, and the next join asks again', () => {
  const { asked, given, use } = make();
  use();
  asked[0]?.fail(new Error('stopped'));
  expect(given[0]).toBeInstanceOf(Error);
  use();
  expect(asked).toHaveLength(2);
});

test('[SY3.1] it is kept while somebody joins, and forgotten when too much came since', () => {
  const { shared, time, use } = make();
  const snapshot = aSnapshot();
  shared.keep(snapshot);
  use();
  time.ms = 30_000;
  shared.dropUnused();
  expect(shared.has(snapshot)).toBe(true);
  shared.forget(aSnapshot());
  expect(shared.has(snapshot)).toBe(true);
  time.ms = 100_000;
  shared.dropUnused();
  expect(shared.has(snapshot)).toBe(false);
  shared.keep(snapshot);
  shared.forget(snapshot);
  expect(shared.has(snapshot)).toBe(false);
});

test('[SY3.1] a base that nobody asked for before the next edit is not kept', () => {
  const { shared, asked, use } = make();
  shared.offer(aSnapshot);
  shared.dropUnused();
  use();
  expect(asked).toHaveLength(1);
});

test('[SY8.2] a document that left memory keeps nothing of it', () => {
  const { shared } = make();
  const snapshot = aSnapshot();
  shared.keep(snapshot);
  shared.drop();
  expect(shared.has(snapshot)).toBe(false);
});
