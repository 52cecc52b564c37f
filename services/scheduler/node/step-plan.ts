// The steps of a pipeline, in order: extract, each transform, load. Pure. Everything that this node cannot carry out is
// refused here, before a row has moved.
import type { PipelineConfig } from '@hakiri/contracts/config';
import { STEPS_LIMIT } from '@hakiri/contracts/scheduler';
import { isKnownSource, unknownSource } from './sources.ts';
import { StepError } from './step-error.ts';
import { compileTransform, type Transform } from './transforms.ts';

export type PlannedStep =
  | { kind: 'extract'; name: 'extract' }
  | { kind: 'transform'; name: string; transform: Transform }
  | { kind: 'load'; name: 'load' };

/** @throws StepError */
export function planSteps(pipeline: PipelineConfig): PlannedStep[] {
  if (!isKnownSource(pipeline.source.kind)) throw unknownSource(pipeline.source.kind);
  const transforms = pipeline.transforms.map((transform): PlannedStep => {
    return { kind: 'transform', name: transform.kind, transform: compileTransform(transform) };
  });
  const steps: PlannedStep[] = [
    { kind: 'extract', name: 'extract' },
    ...transforms,
    { kind: 'load', name: 'load' },
  ];
  if (steps.length <= STEPS_LIMIT) return steps;
  throw new StepError(`The pipeline has ${steps.length} steps; at most ${STEPS_LIMIT} are carried out.`);
}
