// What the addresses of these screens may ask for; the router reads them before the screens are loaded.
import { RUN_STATES, type RunState } from '@hakiri/contracts/scheduler';

export type RunSearch = { pipeline?: string; state?: RunState; after?: string };

/** What the address asks for; what makes no sense is as if it were not there. */
export function runSearch(search: Record<string, unknown>): RunSearch {
  const state = RUN_STATES.find((known) => known === search.state);
  return { ...pipelineSearch(search), ...(state ? { state } : {}) };
}

const SEARCH_LIMIT_CHARS = 200;

export function pipelineSearch(search: Record<string, unknown>): { pipeline?: string; after?: string } {
  const pipeline = textOf(search.pipeline);
  const after = textOf(search.after);
  return { ...(pipeline ? { pipeline } : {}), ...(after ? { after } : {}) };
}

/** The router reads `123` in an address as a number. */
function textOf(value: unknown): string | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  return typeof text === 'string' && text !== '' && text.length <= SEARCH_LIMIT_CHARS ? text : undefined;
}

export const TICK_COUNTS = [25, 50, 100] as const;

export function upcomingSearch(search: Record<string, unknown>): { find?: string; count?: number } {
  const count = TICK_COUNTS.find((known) => known === search.count);
  const find = typeof search.find === 'number' ? String(search.find) : search.find;
  return { ...(typeof find === 'string' && find !== '' ? { find } : {}), ...(count ? { count } : {}) };
}
