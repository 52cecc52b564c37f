// The service worker: with it the page opens without a server. It keeps the page's own files and nothing else: what the API says is
// the replica's matter. Online the newest page is shown; the one that is kept is for when nobody answers.
import { cleanupOutdatedCaches, matchPrecache, precacheAndRoute } from 'workbox-precaching';
import { NavigationRoute, registerRoute } from 'workbox-routing';

declare const PRECACHED: { url: string; revision: string | null }[];

/** A server that is there answers sooner; one that hangs is no reason to look at nothing. */
const ANSWER_LIMIT_MS = 3_000;

// Before the kept files: they would answer for `/` themselves, also while the server has a newer page.
registerRoute(
  new NavigationRoute(
    async ({ request }) => {
      const kept = async (): Promise<Response> => (await matchPrecache('/index.html')) ?? Response.error();
      try {
        const answer = await fetch(request, { signal: AbortSignal.timeout(ANSWER_LIMIT_MS) });
        // A gateway that answers for a server that does not is nobody's page.
        return answer.status >= 500 ? await kept() : answer;
      } catch {
        return kept();
      }
    },
    { denylist: [/^\/v1\//] },
  ),
);
precacheAndRoute(PRECACHED);
cleanupOutdatedCaches();
