// What the address of the audit log may ask for; the router reads it before the screen is loaded.
import { searchText } from '../parts/search-text.ts';

export type AuditSearch = { find?: string; outcome?: 'done' | 'refused' };

export function auditSearch(search: Record<string, unknown>): AuditSearch {
  const { outcome } = search;
  const find = searchText(search.find);
  return {
    ...(find === undefined ? {} : { find }),
    ...(outcome === 'done' || outcome === 'refused' ? { outcome } : {}),
  };
}
