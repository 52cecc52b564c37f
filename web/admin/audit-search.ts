// What the address of the audit log may ask for; the router reads it before the screen is loaded.

export type AuditSearch = { find?: string; outcome?: 'done' | 'refused' };

export function auditSearch(search: Record<string, unknown>): AuditSearch {
  const { find, outcome } = search;
  return {
    ...(typeof find === 'string' && find !== '' ? { find } : {}),
    ...(outcome === 'done' || outcome === 'refused' ? { outcome } : {}),
  };
}
