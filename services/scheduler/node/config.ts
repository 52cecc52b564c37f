// The node's settings.

import { choiceSetting, type Environment, integerSetting, textSetting } from '@hakiri/service/config';
import { LOG_LEVELS, type LogLevel } from '@hakiri/service/logger';
import { DEFAULT_CONCURRENCY, type NodeOptions } from './node.ts';

/**
 * HAKIRI_URL, HAKIRI_TOKEN (role `node`), HAKIRI_NODE_NAME, HAKIRI_NODE_DATA (files to read), HAKIRI_NODE_OUTPUT (tables),
 * HAKIRI_NODE_WORK (between steps), HAKIRI_NODE_POOLS and HAKIRI_NODE_LABELS (with commas), HAKIRI_NODE_CONCURRENCY,
 * HAKIRI_NODE_STEP_DELAY_MS (for demonstrations: a pause between steps), HAKIRI_LOG.
 */
export function readNodeConfig(env: Environment): NodeOptions & { logLevel: LogLevel } {
  const workRoot = env.HAKIRI_NODE_WORK;
  return Object.freeze({
    url: textSetting(env, 'HAKIRI_URL'),
    token: textSetting(env, 'HAKIRI_TOKEN'),
    name: textSetting(env, 'HAKIRI_NODE_NAME'),
    pools: list(textSetting(env, 'HAKIRI_NODE_POOLS', 'default')),
    labels: list(env.HAKIRI_NODE_LABELS ?? ''),
    dataRoot: textSetting(env, 'HAKIRI_NODE_DATA'),
    outputRoot: textSetting(env, 'HAKIRI_NODE_OUTPUT'),
    ...(workRoot ? { workRoot } : {}),
    concurrency: integerSetting(env, 'HAKIRI_NODE_CONCURRENCY', {
      fallback: DEFAULT_CONCURRENCY,
      min: 1,
      max: 64,
    }),
    stepDelayMs: integerSetting(env, 'HAKIRI_NODE_STEP_DELAY_MS', { fallback: 0, min: 0, max: 600_000 }),
    logLevel: choiceSetting(env, 'HAKIRI_LOG', LOG_LEVELS, 'info'),
  });
}

function list(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}
