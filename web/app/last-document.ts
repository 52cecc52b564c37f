// Which document was open last on this device: where the page begins.

const STORAGE_KEY = 'hakiri.document';
const DOC_ID = /^[a-z0-9][a-z0-9-]*$/;

export function lastDocument(): string | undefined {
  const stored = localStorage.getItem(STORAGE_KEY);
  return stored !== null && DOC_ID.test(stored) ? stored : undefined;
}

export function rememberDocument(doc: string): void {
  localStorage.setItem(STORAGE_KEY, doc);
}

/** Of the address, when it names one. */
export function documentInAddress(): string | undefined {
  const named = /^\/docs\/([^/]+)/.exec(location.pathname)?.[1];
  const doc = named === undefined ? undefined : decodeURIComponent(named);
  return doc !== undefined && DOC_ID.test(doc) ? doc : undefined;
}
