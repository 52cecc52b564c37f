// What the addresses of these screens may ask for; the router reads them before the screens are loaded.
import { RUN_STATES, type RunState } from '@hakiri/contracts/scheduler';
import { searchText } from '../parts/search-text.ts';

export type RunSearch = { pipeline?: string; state?: RunState; after?: string };

/** What the address asks for; what makes no sense is as if it were not there. */
export function runSearch(search: Record<string, unknown>): RunSearch {
  const state = RUN_STATES.find((known) => known === search.state);
  return { ...pipelineSearch(search), ...(state ? { state } : {}) };
}

export function pipelineSearch(search: Record<string, unknown>): { pipeline?: string; after?: string } {
  const pipeline = searchText(search.pipeline);
  const after = searchText(search.after);
  return { ...(pipeline ? { pipeline } : {}), ...(after ? { after } : {}) };
}

export const TICK_COUNTS = [25, 50, 100] as const;

export function upcomingSearch(search: Record<string, unknown>): { find?: string; count?: number } {
  const count = TICK_COUNTS.find((known) => known === search.count);
  const find = searchText(search.find);
  return { ...(find ? { find } : {}), ...(count ? { count } : {}) };
}
