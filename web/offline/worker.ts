// The service worker: with it the page opens without a server. It keeps the page's own files and nothing else: what the API says is
// the replica's matter. Online the newest page is shown; the one that is kept is for when nobody answers.
import { cleanupOutdatedCaches, matchPrecache, precacheAndRoute } from 'workbox-precaching';
import { NavigationRoute, registerRoute } from 'workbox-routing';

declare const PRECACHED: { url: string; revision: string | null }[];

/** A server that is there answers sooner; one that hangs is no reason to look at nothing. */
const ANSWER_LIMIT_MS = 3_000;

precacheAndRoute(PRECACHED);
cleanupOutdatedCaches();
registerRoute(
  new NavigationRoute(
    async ({ request }) => {
      try {
        return await fetch(request, { signal: AbortSignal.timeout(ANSWER_LIMIT_MS) });
      } catch {
        return (await matchPrecache('/index.html')) ?? Response.error();
      }
    },
    { denylist: [/^\/v1\//] },
  ),
);
