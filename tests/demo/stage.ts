// How the demo tells its story: every step says what it proves, is checked, and is timed. The first that does not hold ends it.
export type Stage = {
  act(title: string): void;
  /** Runs one step; `prove` throws, or returns what a person would like to see. */
  step(claim: string, prove: () => Promise<string | undefined>): Promise<void>;
  end(): void;
};

export class StepFailed extends Error {
  override readonly name = 'StepFailed';
}

export function createStage(write: (line: string) => void): Stage {
  const startedAt = performance.now();
  let steps = 0;
  return {
    act: (title) => write(`\n${title}`),
    step: async (claim, prove) => {
      const begun = performance.now();
      try {
        const shown = await prove();
        steps += 1;
        write(`  ok  ${claim}  (${Math.round(performance.now() - begun)} ms)`);
        if (shown) write(shown.replace(/^/gm, '        '));
      } catch (error) {
        write(`  NO  ${claim}`);
        throw new StepFailed(`${claim}: ${error instanceof Error ? error.message : String(error)}`, {
          cause: error,
        });
      }
    },
    end: () => write(`\n${steps} steps held, in ${((performance.now() - startedAt) / 1000).toFixed(1)} s.`),
  };
}

export function check(condition: unknown, otherwise: string): asserts condition {
  if (!condition) throw new Error(otherwise);
}
