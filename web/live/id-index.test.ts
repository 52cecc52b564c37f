// Who has an id, after whatever happened; and that nobody looks at all of them twice.
import { expect, test } from 'bun:test';
import { createIdIndex } from './id-index.ts';

test('[PG8.3] who has an id is known without another look at all, after any changes', () => {
  const seed = Number(Bun.env.SEED ?? Date.now() % 100_000);
  let state = seed;
  const random = (below: number): number => {
    state = (state * 48_271 + 11) % 2_147_483_647;
    return state % below;
  };
  const ids = new Map<string, string>([...Array(50).keys()].map((each) => [`k${each}`, `id${random(20)}`]));
  let looks = 0;
  const index = createIdIndex(() => {
    looks += 1;
    return [...ids].map(([key, id]) => ({ key, id }));
  });
  const expected = (id: string): string[] => [...ids.keys()].filter((key) => ids.get(key) === id).sort();
  for (let step = 0; step < 500; step++) {
    const key = `k${random(60)}`;
    const before = ids.get(key);
    if (random(4) === 0) ids.delete(key);
    else ids.set(key, `id${random(20)}`);
    index.note(key, before, ids.get(key));
    const asked = `id${random(22)}`;
    expect([...index.keysOf(asked)].sort(), `seed ${seed}, step ${step}`).toEqual(expected(asked));
  }
  expect(looks).toBe(1);
});
