import { expect, test } from 'bun:test';
import { dotted, fieldAt } from './field-names.ts';

test('[PG1.5] an issue’s path is the field where it is mended', () => {
  for (const [path, field] of [
    ['/schedule/expr', 'schedule/expr'],
    ['schedule/expr', 'schedule/expr'],
    ['/destination', 'destination/table'],
    ['/source', 'source/kind'],
    ['/source/a~1b', 'source/a/b'],
    ['/tags/3', 'tags'],
    ['/transforms/2/body', 'transforms/2/body'],
    ['/schema/day/type', 'schema/day/type'],
    ['/key', 'id'],
    ['', 'id'],
    ['/something/new', 'id'],
  ] as const)
    expect([path, fieldAt(path)]).toEqual([path, field]);
  expect(dotted('schedule/expr')).toBe('schedule.expr');
});
