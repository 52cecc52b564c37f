import { expect, test } from 'bun:test';
import { commentsOf } from './toml-comments.ts';

test('[AP13.15] comments are counted with their lines; a # in a text is none', () => {
  expect(commentsOf('')).toBeUndefined();
  expect(commentsOf('a = 1 # one\n# two\nb = "# no" # three\n')).toEqual({ count: 3, lines: [1, 2, 3] });
  expect(commentsOf('a = "\\"#" # yes\nb = \'\\\' # yes')).toEqual({ count: 2, lines: [1, 2] });
  const several = 'a = """\n# no\n\\""" # no\n""""" # yes\nb = \'\'\'\n# no\n\'\'\'\'\n# yes\n';
  expect(commentsOf(several)).toEqual({ count: 2, lines: [4, 8] });
  expect(commentsOf('a = ""\n# yes\nb = \'\'\n# yes')).toEqual({ count: 2, lines: [2, 4] });
  const many = commentsOf('#\n'.repeat(300));
  expect([many?.count, many?.lines.length]).toEqual([300, 100]);
});

test('[AP13.15] what an export and editors write into a file is no comment of anybody', () => {
  expect(
    commentsOf('#:schema https://x/schema.json\n# hakiri manifest. Published by an Apply\n'),
  ).toBeUndefined();
});
