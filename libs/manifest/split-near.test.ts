import { expect, test } from 'bun:test';
import { fromUtf8, utf8 } from '@hakiri/base/bytes';
import fc from 'fast-check';
import { splitManifest } from './blocks.ts';
import { type Apart, type Near, NOTHING_APART, splitNear } from './split-near.ts';

/** What looks like an entry, opens or closes a text of several lines, or is more than one byte. */
const anyText = fc
  .array(
    fc.constantFrom(
      ...[
        '\n\n[[pipeline]]\n',
        '\n\n[[variable]]\n',
        '\n[[pipeline.transforms]]\n',
        '\n',
        'a = "x"\n',
        'ä🦦',
      ],
      ...['id = """\n', '"""', " = '''\n", "'''", '#', 'x'.repeat(40), 'b = "y"\n'],
    ),
    { maxLength: 40 },
  )
  .map((pieces) => pieces.join(''));

function near(bytes: Uint8Array, apart: Apart): Near {
  const splitting = splitNear(bytes, apart);
  for (;;) {
    const { done, value } = splitting.next();
    if (done) return value;
  }
}

/** A text and what became of it: some of it taken out, and other put in. */
const anyTexts = fc.array(fc.tuple(fc.nat(400), fc.nat(60), anyText), { minLength: 1, maxLength: 8 });

test('[AP3.22] a manifest that is taken apart near another comes apart as it does alone, whatever stands in its texts', () => {
  fc.assert(
    fc.property(anyText, anyText, anyTexts, (first, second, edits) => {
      let text = `${first}\n\n[[pipeline]]\n${second}\n\n[[pipeline]]\nend = 1\n`;
      let apart = NOTHING_APART;
      let blocks: string[] = [];
      for (const [at, gone, put] of [[0, 0, ''] as const, ...edits]) {
        text = (text.slice(0, at) + put + text.slice(at + gone)).toWellFormed();
        const now = near(utf8(text), apart);
        blocks = [...blocks.slice(0, now.before), ...now.fresh, ...blocks.slice(blocks.length - now.after)];
        expect(blocks).toEqual([...splitManifest(text)]);
        expect(fromUtf8(now.apart.bytes)).toBe(text);
        apart = now.apart;
      }
    }),
    { numRuns: 3000 },
  );
});

test('[AP3.22] of a manifest that differs in one entry, that entry is looked at', () => {
  const manifest = (changed: number, to: string): Uint8Array =>
    utf8(
      [
        '# head\n',
        ...Array.from({ length: 100 }, (_, at) => `[[pipeline]]\nid = "${at === changed ? to : at}"\n`),
      ].join('\n'),
    );
  const first = near(manifest(-1, ''), NOTHING_APART);
  expect(first.fresh.length).toBe(101);
  for (const at of [0, 50, 99]) {
    const now = near(manifest(at, 'longer than it was'), first.apart);
    expect(now.fresh.length).toBeLessThanOrEqual(4);
    expect(now.before + now.fresh.length + now.after).toBe(101);
  }
});
