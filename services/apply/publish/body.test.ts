// The bytes made piece by piece are those of a render in one piece, and what is not looked at again is what it would be.
import { expect, test } from 'bun:test';
import { present } from '@hakiri/base/assert';
import { fromUtf8, utf8 } from '@hakiri/base/bytes';
import { createPrng } from '@hakiri/base/prng';
import type { ManifestConfig } from '@hakiri/contracts/config';
import { digestOf } from '@hakiri/manifest/digest';
import { renderManifest } from '@hakiri/manifest/render';
import { runtimeOf } from '@hakiri/manifest/runtime';
import { asManifest } from '@hakiri/manifest/shape';
import { digestOfBytes } from '@hakiri/service/digest-pieces';
import { eq } from 'drizzle-orm';
import { bodies, revisions } from '../store/schema.ts';
import { keyOf, pipeline } from '../testing/bed-peer.ts';
import { openStoreBed, TEAM } from '../testing/bed-store.ts';
import { bodyOf, release, runtimeDigestOf } from './body.ts';

const TEXTS = ['', 'plain', 'Übermaß', '漢字', '🦦', 'two\nlines'];

function finished<Result>(work: Generator<undefined, Result>): Result {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}

/** Frozen as what comes from a document is, so that it is remembered. */
function configOf(count: number, changes: Partial<ReturnType<typeof pipeline>> = {}): ManifestConfig {
  const pipelines = Array.from({ length: count }, (_, at) =>
    pipeline(at, { description: TEXTS[at % TEXTS.length] ?? '', ...(at === 1 ? changes : {}) }),
  );
  const variables = [{ key: keyOf(9_999), name: 'V', value: '🦦', comment: 'ä' }];
  const shaped = asManifest({ pipelines, variables });
  if (shaped.kind !== 'manifest') throw new Error(shaped.reason);
  return shaped.manifest;
}

test('[AP3.24] the bytes and their digest are those of the whole, whatever is in it and however much', async () => {
  for (const count of [0, 1, 63, 64, 65, 700]) {
    const config = configOf(count);
    const { bytes, digest } = finished(bodyOf(config));
    expect(fromUtf8(bytes)).toBe(renderManifest(config));
    expect(digest).toBe(await digestOf(bytes));
    expect(finished(digestOfBytes(bytes))).toBe(digest);
    expect(finished(runtimeDigestOf(config))).toBe(await digestOf(utf8(renderManifest(runtimeOf(config)))));
  }
});

test('[AP3.24] a body that is written over one that was released is the whole of its own, whatever changed', async () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  const prng = createPrng(seed);
  let config = configOf(40);
  const held: { bytes: Uint8Array; text: string }[] = [];
  for (let round = 0; round < 300; round++) {
    const pipelines = config.pipelines.flatMap((one, at) => {
      if (prng.below(30) > 0) return [one];
      const text = present(TEXTS[prng.below(TEXTS.length)], 'one of them').repeat(prng.below(40));
      const made = pipeline(10_000 + 100 * round + at, { description: text });
      return present(
        [[], [made], [{ ...one, description: text }], [one, made]][prng.below(4)],
        'one of four',
      );
    });
    const shaped = asManifest({ pipelines, variables: prng.below(3) === 0 ? [] : config.variables });
    if (shaped.kind !== 'manifest') throw new Error(shaped.reason);
    config = prng.below(50) === 0 ? configOf(prng.below(60)) : shaped.manifest;
    const body = finished(bodyOf(config));
    const text = renderManifest(config);
    expect(fromUtf8(body.bytes), `seed ${seed}, round ${round}`).toBe(text);
    expect(body.digest).toBe(await digestOf(utf8(text)));
    // Nobody writes over what somebody still has.
    if (prng.below(20) === 0) held.push({ bytes: body.bytes, text });
    else {
      release(body);
      if (prng.below(10) === 0) release(body);
    }
  }
  for (const { bytes, text } of held) expect(fromUtf8(bytes), `seed ${seed}`).toBe(text);
});

test('[AP3.24] of what was released only so much is kept: a larger one gives its memory back at once', () => {
  const made = (count: number) => {
    const description = 'x'.repeat(10_000);
    const pipelines = Array.from({ length: count }, (_, at) => pipeline(at, { description }));
    const shaped = asManifest({ pipelines, variables: [] });
    if (shaped.kind !== 'manifest') throw new Error(shaped.reason);
    return finished(bodyOf(shaped.manifest));
  };
  const [small, large] = [made(200), made(7_000)];
  expect(large.bytes.length).toBeGreaterThan(64 * 1024 * 1024);
  release(large);
  expect(large.bytes.length).toBe(0);
  release(small);
  expect(small.bytes.length).toBeGreaterThan(0);
});

test('[AP3.24] the runtime digest of the revision before is taken exactly where the same runs', () => {
  const before = configOf(5);
  const known = { config: before, runtimeDigest: 'of the one before' };
  const again = (config: ManifestConfig): string => finished(runtimeDigestOf(config, known));
  for (const same of [
    before,
    configOf(5),
    configOf(5, { description: 'x', group: 'y', tags: ['z'], name: 'n' }),
  ])
    expect(again(same)).toBe(known.runtimeDigest);
  const twice = {
    ...before,
    pipelines: before.pipelines.with(4, present(before.pipelines[0], 'it has five')),
  };
  const others = [
    configOf(4),
    configOf(6),
    configOf(5, { enabled: false }),
    configOf(5, { id: 'other' }),
    configOf(5, { key: keyOf(77) }),
    { ...before, variables: before.variables.map((one) => ({ ...one, value: 'b' })) },
    { ...before, variables: [] },
    twice,
  ];
  for (const other of others) {
    expect(again(other)).toBe(finished(runtimeDigestOf(other)));
    expect(again(other)).not.toBe(finished(runtimeDigestOf(before)));
  }
});

test('[AP3.23] the row of a body is small, and only the newest is kept', async () => {
  const bed = await openStoreBed();
  try {
    const text = renderManifest(configOf(700));
    for (const number of [1, 2, 3]) await bed.publish(await bed.accept(number), `# ${number}\n${text}`);
    const kept = await bed.database.orm.select().from(bodies);
    expect(kept.map(({ sequence }) => sequence)).toEqual([3]);
    expect(present(kept[0], 'the newest').packed.length).toBeLessThan(text.length / 5);
    expect(fromUtf8(present(await bed.history.body(TEAM, 3), 'the newest'))).toBe(`# 3\n${text}`);
    expect(await bed.history.body(TEAM, 2)).toBeUndefined();
  } finally {
    await bed.close();
  }
});

test('[AP3.23] a row from before, with its text in it, is read, published and then forgotten', async () => {
  const bed = await openStoreBed();
  try {
    const { orm } = bed.database;
    await bed.publish(await bed.accept(1), 'one');
    await bed.database.write(async () => {
      await orm.update(revisions).set({ body: 'größer' }).where(eq(revisions.sequence, 1));
      await orm.delete(bodies);
    });
    expect(await bed.store.bodyOf(TEAM, 1)).toEqual(utf8('größer'));
    await bed.publish(await bed.accept(2), 'two');
    expect(await bed.history.body(TEAM, 1)).toBeUndefined();
    expect(await orm.select({ body: revisions.body }).from(revisions)).toEqual([
      { body: null },
      { body: null },
    ]);
  } finally {
    await bed.close();
  }
});
