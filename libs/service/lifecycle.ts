// Starts things in order, stops them in reverse within a deadline, and turns signals and failures into an orderly end.
import { settledWithin } from '@hakiri/base/within';
import { errorFields, type Logger } from './logger.ts';

export type Part = { name: string; start(): Promise<void>; stop(): Promise<void> };

export const STOP_DEADLINE_MS = 10_000;

/** Starts all or none: when one fails, those before it are stopped and the error goes on. */
export async function startAll(parts: readonly Part[], logger: Logger): Promise<{ stop(): Promise<void> }> {
  const started: Part[] = [];
  const stop = async (): Promise<void> => {
    for (const part of started.splice(0).reverse()) {
      const stopping = part.stop().catch((error) => {
        logger.error('stop_failed', { part: part.name, ...errorFields(error) });
      });
      if (!(await settledWithin(stopping, STOP_DEADLINE_MS)))
        logger.error('stop_failed', { part: part.name, error: `not stopped within ${STOP_DEADLINE_MS} ms` });
    }
  };
  for (const part of parts) {
    started.push(part);
    try {
      await part.start();
    } catch (error) {
      await stop();
      throw error;
    }
  }
  return { stop };
}

/** Runs until SIGINT or SIGTERM, or until a bug escapes: then everything is stopped and the process ends, visibly. */
export function endWithProcess(group: { stop(): Promise<void> }, logger: Logger): void {
  let ending = false;
  const end = (exitCode: number): void => {
    if (ending) return;
    ending = true;
    void group.stop().finally(() => process.exit(exitCode));
  };
  process.once('SIGINT', () => end(0));
  process.once('SIGTERM', () => end(0));
  const fail = (error: unknown): void => {
    logger.error('process_failed', errorFields(error));
    end(1);
  };
  process.on('uncaughtException', fail);
  process.on('unhandledRejection', fail);
}
