// The reference node: claims runs by long poll, a bounded number at a time, and carries them out. It holds no state of its
// own but the files that its steps hand on, so that it may be killed at any instant.
import { join } from 'node:path';
import { createHttp, fixedToken } from '@hakiri/client/http';
import { createNodeProtocol } from '@hakiri/client/runs';
import { errorFields, type Logger, silentLogger } from '@hakiri/service/logger';
import { type Clock, systemClock } from '@hakiri/substrate/clock';
import { carryOut } from './carry-out.ts';
import type { Fetch } from './sources.ts';
import { createWorkDirectory } from './work-directory.ts';

export type NodeOptions = {
  url: string;
  /** Of role `node`. */
  token: string;
  name: string;
  pools: readonly string[];
  labels: readonly string[];
  /** Files that pipelines may read. */
  dataRoot: string;
  /** Where tables are written. */
  outputRoot: string;
  /** Between steps; `.work` under the output directory when left out. */
  workRoot?: string;
  /** Runs at a time. */
  concurrency?: number;
  /** See carry-out.ts; 0 when left out. */
  stepDelayMs?: number;
  clock?: Clock;
  fetch?: Fetch;
  logger?: Logger;
};
export type Node = { start(): Promise<void>; stop(): Promise<void> };

export const DEFAULT_CONCURRENCY = 4;
const POLL_S = 30;
const RETRY_FIRST_MS = 500;
const RETRY_LIMIT_MS = 30_000;

export function createNode(options: NodeOptions): Node {
  const { url, name, dataRoot, outputRoot, stepDelayMs = 0 } = options;
  const { concurrency = DEFAULT_CONCURRENCY, clock = systemClock, logger = silentLogger } = options;
  const fetch: Fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init));
  const api = createNodeProtocol(createHttp({ url, tokens: fixedToken(options.token), fetch }));
  const work = createWorkDirectory(options.workRoot ?? join(outputRoot, '.work'));
  const stopping = new AbortController();
  const active = new Set<Promise<void>>();
  let looping: Promise<void> = Promise.resolve();

  async function loop(): Promise<void> {
    const { signal } = stopping;
    let restarted = true;
    let retryMs = RETRY_FIRST_MS;
    while (!signal.aborted) {
      if (active.size >= concurrency) {
        await Promise.race(active);
        continue;
      }
      try {
        const claim = await api.claim(
          {
            node: name,
            pools: [...options.pools],
            labels: [...options.labels],
            // The first answer must come at once: until then nobody knows that this node holds nothing.
            waitS: restarted ? 0 : POLL_S,
            restarted,
          },
          signal,
        );
        restarted = false;
        retryMs = RETRY_FIRST_MS;
        if (claim === undefined) continue;
        const deps = { api, work, dataRoot, outputRoot, fetch, clock, logger, stepDelayMs };
        const run = carryOut(claim, deps, signal).finally(() => active.delete(run));
        active.add(run);
      } catch (error) {
        if (signal.aborted) return;
        logger.warn('claim_failed', { ...errorFields(error), retryMs });
        await clock.sleep(retryMs, signal).catch(() => undefined);
        retryMs = Math.min(retryMs * 2, RETRY_LIMIT_MS);
      }
    }
  }

  return {
    start: async () => {
      await work.open(clock.now());
      looping = loop();
    },
    /** What is under way is left where it is: the next start goes on behind the last finished step. */
    stop: async () => {
      stopping.abort(new Error('The node stops.'));
      await looping;
      await Promise.all(active);
    },
  };
}
