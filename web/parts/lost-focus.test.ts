import { expect, test } from 'bun:test';
import { screenOf } from './lost-focus.ts';

test('[PG8.40] what is opened beside a list is no other screen', () => {
  expect(screenOf('/docs/main/pipelines/K')).toBe(screenOf('/docs/main/pipelines'));
  expect(screenOf('/docs/main/changes')).not.toBe(screenOf('/docs/main/pipelines'));
  expect(screenOf('/docs/other/pipelines')).not.toBe(screenOf('/docs/main/pipelines'));
  expect(screenOf('/revisions/v1')).toBe(screenOf('/revisions'));
});
