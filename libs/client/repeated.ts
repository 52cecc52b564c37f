// Asks again while nothing but the moment speaks against it. For what may be asked twice: it changes nothing, or has a key.
import { ApiProblem, Unreachable } from './errors.ts';
import { backoffMs, pause } from './wait.ts';

const ATTEMPTS_LIMIT = 6;

/** A lost answer does not say whether the request arrived. @throws what the last attempt did */
export async function repeated<T>(ask: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await ask();
    } catch (error) {
      if (!mayPass(error) || attempt + 1 >= ATTEMPTS_LIMIT) throw error;
      await pause(backoffMs(attempt), signal);
      signal?.throwIfAborted();
    }
  }
}

/** Worth trying again: nobody answered, or somebody said "shortly". What is kept under our key is told again and again. */
export function mayPass(error: unknown): boolean {
  return (
    error instanceof Unreachable ||
    (error instanceof ApiProblem &&
      !error.problem.final &&
      [429, 502, 503, 504].includes(error.problem.status))
  );
}
