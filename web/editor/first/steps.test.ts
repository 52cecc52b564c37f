// Which step is next.
import { expect, test } from 'bun:test';
import { nextStep } from './steps.ts';

test('[PG1.28] the next step follows from what is there', () => {
  const nothing = { pipelines: 0, hasLooked: false, isApplied: false };
  expect(nextStep(nothing)).toBe('fill');
  expect(nextStep({ ...nothing, pipelines: 4 })).toBe('look');
  expect(nextStep({ ...nothing, pipelines: 4, hasLooked: true })).toBe('changes');
  expect(nextStep({ pipelines: 4, hasLooked: true, isApplied: true })).toBeUndefined();
});
