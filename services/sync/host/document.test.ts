// The document core: what an update is worth before Loro sees it, and which bytes changed the document.
import { describe, expect, test } from 'bun:test';
import { createPrng } from '@hakiri/base/prng';
import { LoroDoc } from 'loro-crdt';
import { DEFAULTS } from '../config.ts';
import { Document } from './document.ts';
import { logged } from './replay.ts';
import type { ImportOutcome } from './update-check.ts';

const make = (more: Partial<typeof DEFAULTS> = {}): Document =>
  Document.load(undefined, [], { ...DEFAULTS, ...more });

/** A client document and what it exports for each of its commits. */
function author(peer: `${number}`) {
  const doc = new LoroDoc();
  doc.setPeerId(peer);
  return {
    doc,
    set: (key: string, value: unknown): Uint8Array => {
      const from = doc.oplogVersion();
      doc.getMap('scratch').set(key, value);
      doc.commit();
      return doc.export({ mode: 'update', from });
    },
  };
}

/** The last of several edits, of which the document gets the others. */
function late(document: Document, { set }: ReturnType<typeof author>): Uint8Array {
  for (let step = 0; step < 3; step++) document.intake.import(set('z', step));
  return set('z', 'late');
}

/** Text that does not compress. */
const noise = (length: number): string => {
  const prng = createPrng(1);
  return Array.from({ length }, () => String.fromCharCode(33 + prng.below(90))).join('');
};

const updateOf = (outcome: ImportOutcome): Uint8Array | undefined =>
  outcome.kind === 'applied' ? outcome.update : undefined;

describe('imports', () => {
  test('[SY2.8] what changed the document is what came, byte for byte, when all of it was new', () => {
    const document = make();
    const update = author('7').set('a', 1);
    expect(document.intake.import(update)).toEqual({
      kind: 'applied',
      update,
      spans: [{ peer: '7', start: 0, end: 1 }],
      missing: false,
    });
    expect(document.intake.import(update)).toEqual({ kind: 'repeated' });
  });

  test('[SY2.8] what an update sets free is logged with it: the log alone gives the same document', () => {
    const document = make();
    const [first, second] = [author('7'), author('8')];
    const base = first.set('a', 1);
    second.doc.import(base);
    const dependent = second.set('b', 2);
    // Loro keeps it and lets it in when what it needs comes.
    expect(document.intake.import(dependent)).toEqual({ kind: 'missing' });
    const applied = document.intake.import(base);
    const kept = updateOf(applied);
    expect(kept).not.toEqual(base);
    const reloaded = Document.load(undefined, kept === undefined ? [] : [logged(kept)], DEFAULTS);
    expect(reloaded.version()).toBe(document.version());
    expect(reloaded.loro.toJSON()).toEqual({ scratch: { a: 1, b: 2 } });
  });

  test('[SY3.7] what waits for missing operations is bounded; past the bound the document asks to be loaded anew', () => {
    for (const pending of [
      { bytes: 400, counters: 1_000 },
      { bytes: 10_000, counters: 3 },
    ]) {
      const document = make({ pending });
      const base = author('7').set('a', 1);
      for (let count = 1; count <= 4; count++) {
        expect(document.isSpoilt).toBe(false);
        const other = author(`${10 + count}`);
        other.doc.import(base);
        expect(document.intake.import(other.set(`b${count}`, 'x'))).toEqual({ kind: 'missing' });
      }
      expect(document.isSpoilt).toBe(true);
    }
  });

  test('[SY2.14] what waits keeps no edit from being taken in together with others, whatever time it names', () => {
    const document = make();
    const [first, second] = [author('7'), author('8')];
    const lost = first.set('a', 1);
    second.doc.import(lost);
    expect(document.intake.import(second.set('b', 2))).toEqual({ kind: 'missing' });
    for (const update of [lost, author('10').set('c', 3), late(document, author('11'))])
      expect(document.intake.scan(update, document.counters)).toBeDefined();
  });

  test('[SY3.7] what sets free more than an entry holds is missing, not an attack', () => {
    const update = { bytes: 2_000, counters: 1_000, perFrame: 1 };
    const document = make({ update });
    const base = author('7').set('a', 1);
    for (const peer of ['8', '9'] as const) {
      const other = author(peer);
      other.doc.import(base);
      expect(document.intake.import(other.set(peer, noise(1_500)))).toEqual({ kind: 'missing' });
    }
    expect(document.isSpoilt).toBe(false);
    expect(document.intake.import(base)).toEqual({ kind: 'missing' });
    expect(document.isSpoilt).toBe(true);
  });

  test('[SY3.8] nobody writes as the server', () => {
    const document = make();
    const mine = document.migrate() ?? new Uint8Array();
    const forger = author('1');
    expect(document.intake.import(forger.set('a', 1))).toEqual({ kind: 'repeated' });
    forger.doc.import(document.snapshot());
    for (let count = 0; count < 10; count++) forger.set(`b${count}`, count);
    const forged = forger.doc.export({ mode: 'update' });
    expect(document.intake.import(forged)).toEqual({ kind: 'refused', reason: 'malformed' });
    // What it wrote itself may come back, as in an export of everything.
    expect(document.intake.import(mine)).toEqual({ kind: 'repeated' });
  });

  test('[SY2.8] a gap in the sender’s own operations is missing, and changes nothing', () => {
    const document = make();
    const one = author('7');
    one.set('a', 1);
    expect(document.intake.import(one.set('b', 2))).toEqual({ kind: 'missing' });
    expect(document.intake.import(one.doc.export({ mode: 'update' })).kind).toBe('applied');
    expect(document.loro.toJSON()).toEqual({ scratch: { a: 1, b: 2 } });
  });

  test('[SY11.7] where Loro fails the document says so', () => {
    const document = make();
    const broken = document.loro;
    broken.import = () => {
      throw new TypeError('what Loro never does');
    };
    expect(document.intake.import(author('7').set('a', 1))).toMatchObject({ kind: 'broken' });
  });

  test('[SY11.9] a trap is no matter of one document: it goes up to the host', () => {
    const document = make();
    document.loro.import = () => {
      throw new WebAssembly.RuntimeError('unreachable');
    };
    expect(() => document.intake.import(author('7').set('a', 1))).toThrow(WebAssembly.RuntimeError);
  });
});

describe('catching up', () => {
  test('[SY1.2] few missed operations are a delta, many a snapshot, none nothing', () => {
    const document = make({ deltaCounters: 3 });
    const one = author('7');
    document.intake.import(one.set('a', 1));
    const early = document.encodedVersion();
    for (const key of ['b', 'c', 'd']) document.intake.import(one.set(key, 1));
    expect(document.catchUp(early).kind).toBe('delta');
    document.intake.import(one.set('e', 1));
    expect(document.catchUp(early).kind).toBe('behind');
    expect(document.catchUp(document.encodedVersion())).toEqual({ kind: 'current' });
    expect(document.catchUp(Uint8Array.of(200, 1, 2))).toEqual({ kind: 'version_unknown' });
  });

  test('[SY1.2] a client that is ahead in its own edits gets what others did, and only that', () => {
    const document = make();
    const [one, two] = [author('7'), author('8')];
    document.intake.import(one.set('a', 1));
    two.set('mine', 1);
    const caught = document.catchUp(two.doc.oplogVersion().encode());
    if (caught.kind === 'delta') two.doc.import(caught.update);
    expect(two.doc.toJSON()).toEqual({ scratch: { a: 1, mine: 1 } });
  });

  test('[SY3.1] who has nothing gets what came since the snapshot it is sent, or another when that is long', () => {
    const one = author('7');
    const document = make();
    document.intake.import(one.set('a', 0));
    const [bytes, version] = [document.snapshot(), document.encodedVersion()];
    expect(document.catchUp(version, true)).toEqual({ kind: 'current' });
    document.intake.import(one.set('b', 1));
    const since = document.catchUp(version, true);
    const fresh = new LoroDoc();
    fresh.import(bytes);
    if (since.kind === 'delta') fresh.import(since.update);
    expect(fresh.toJSON()).toEqual(document.loro.toJSON());
    for (let index = 0; index < 2_100; index++) one.doc.getList('many').push(index);
    document.intake.import(one.doc.export({ mode: 'update', from: document.loro.oplogVersion() }));
    expect(document.catchUp(version, true)).toEqual({ kind: 'behind' });
    expect(document.catchUp(document.encodedVersion(), true)).toEqual({ kind: 'current' });
  });
});

describe('the server’s own edits', () => {
  test('[SY15.1] are one update each, and none when nothing differs', () => {
    const document = make();
    expect(document.migrate()).toBeDefined();
    expect(document.migrate()).toBeUndefined();
    const update = document.edit((doc) => doc.getMap('scratch').set('a', 1));
    const client = new LoroDoc();
    client.import(update ?? new Uint8Array());
    expect(client.getMap('scratch').toJSON()).toEqual({});
    client.import(document.snapshot());
    expect(client.getMap('scratch').toJSON()).toEqual({ a: 1 });
  });

  test('[SY15.8] that throw half-way spoil the document', () => {
    const document = make();
    document.migrate();
    expect(() =>
      document.edit((doc) => {
        doc.getMap('scratch').set('half', 1);
        throw new TypeError('a draft that nobody thought of');
      }),
    ).toThrow(TypeError);
    expect(document.isSpoilt).toBe(true);
  });

  test('[SY15.1] go on under one peer id after a load', () => {
    const first = make();
    const updates = [logged(first.migrate() ?? new Uint8Array())];
    const second = Document.load(undefined, updates, DEFAULTS);
    second.edit((doc) => doc.getMap('scratch').set('a', 1));
    const vector = second.loro.oplogVersion().toJSON();
    expect([...vector.keys()]).toEqual(['1']);
  });
});
