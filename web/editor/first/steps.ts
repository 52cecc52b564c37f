// The way from nothing to a first Apply: which step is next.

export const STEPS = ['fill', 'look', 'changes', 'apply'] as const;
export type Step = (typeof STEPS)[number];

/** Undefined: somebody has applied something, the way is known. */
export function nextStep(known: {
  pipelines: number;
  hasLooked: boolean;
  isApplied: boolean;
}): Step | undefined {
  if (known.isApplied) return undefined;
  if (known.pipelines === 0) return 'fill';
  return known.hasLooked ? 'changes' : 'look';
}
