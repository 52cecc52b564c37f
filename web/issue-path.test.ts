import { expect, test } from 'bun:test';
import { FIELD_NAMES, issuePlace } from './issue-path.ts';

for (const field of FIELD_NAMES) {
  test(`[PL9] an issue of ${field} leads to that field`, () => {
    expect(issuePlace(`/pipelines/my-new/${field}`)).toEqual({ kind: 'field', pipeline: 'my-new', field });
  });
}

const wholes: [path: string, field: string][] = [
  ['/pipelines/a', 'id'],
  ['/pipelines/a/source', 'source/kind'],
  ['/pipelines/a/destination', 'destination/table'],
  ['/pipelines/a/schedule', 'schedule/expr'],
  ['/pipelines/a/placement', 'placement/kind'],
];
for (const [path, field] of wholes) {
  test(`[PL9] an issue of the whole of ${path} leads to where it begins`, () => {
    expect(issuePlace(path)).toMatchObject({ kind: 'field', field });
  });
}

const elsewhere = [
  '/pipelines/a/transforms/0/body',
  '/pipelines/a/transforms/0/kind',
  '/pipelines/a/schema/id/type',
  '/pipelines/a/source/sheet',
  '/pipelines/a/tags/0',
  '/pipelines/a/constructor',
  '/variables/TOKEN/name',
  '/pipelines',
  '',
];
for (const path of elsewhere) {
  test(`[PL9] an issue at ${path || 'no path'} leads to no field that only sounds alike`, () => {
    expect(issuePlace(path)).toMatchObject({
      kind: 'elsewhere',
      sentence: expect.stringContaining('hakictl import'),
    });
  });
}
