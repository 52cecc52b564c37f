// The keys that sign manifests, and who runs what.
import { type Daemon, DaemonPage, type RotateBody, SigningKeySet } from '@hakiri/contracts/delivery';
import type { Http } from './http.ts';

export function createDelivery(http: Http) {
  return {
    keys(): Promise<SigningKeySet> {
      return http.call(SigningKeySet, 'GET', '/v1/manifest/keys');
    },

    /** Publishes the next key, which signs after `overlapS`. */
    rotateKeys(body: RotateBody = {}): Promise<SigningKeySet> {
      return http.call(SigningKeySet, 'POST', '/v1/manifest/keys/rotate', { body });
    },

    /** All of the team's, by name, page after page. */
    async daemons(): Promise<{ latest: DaemonPage['latest']; daemons: Daemon[] }> {
      const daemons: Daemon[] = [];
      let after: string | undefined;
      for (;;) {
        const page: DaemonPage = await http.call(DaemonPage, 'GET', '/v1/manifest/daemons', {
          query: { after },
        });
        daemons.push(...page.daemons);
        after = page.next;
        if (after === undefined) return { latest: page.latest, daemons };
      }
    },
  };
}
