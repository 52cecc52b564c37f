// Where bytes stop to be UTF-8.
import { expect, test } from 'bun:test';
import { readUtf8, utf8 } from './bytes.ts';

test('what is UTF-8 is read as it is, and what is not is told by its first byte and line', () => {
  const texts = ['', 'a', '\uFFFD', 'x\uFFFDy', '\u{1F600}\n', 'é'.repeat(1000)];
  for (const text of texts) expect(readUtf8(utf8(text))).toEqual({ kind: 'text', text });
  const broken = [[0xe9], [0xe9, 0x6e], [0xff, 0xfe], [0xe2, 0x82], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0x80]];
  for (const before of ['', 'a\n', '\uFEFF', 'é\uFFFD\n\n', '\u{1F600}'])
    for (const bytes of broken)
      for (const after of ['', 'n', '\n\uFFFD']) {
        const lines = before.split('\n').length;
        const all = new Uint8Array([...utf8(before), ...bytes, ...utf8(after)]);
        expect(readUtf8(all)).toEqual({ kind: 'broken', offset: utf8(before).length, line: lines });
      }
});
