// What stops a run for good: the message goes into the run and is read by the person who mends the pipeline.

export class StepError extends Error {
  override readonly name = 'StepError';
}
