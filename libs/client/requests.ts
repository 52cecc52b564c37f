// Apply requests that wait for people or for a time, dry runs, and the team's policy.
import { type ApplyBody, ApplyStatus } from '@hakiri/contracts/apply';
import { DryRun, RequestList, type RequestSummary, RequestView } from '@hakiri/contracts/approval';
import { type PolicyBody, SavedPolicy } from '@hakiri/contracts/policy';
import type { Http } from './http.ts';

const path = (id: string): string => `/v1/manifest/requests/${encodeURIComponent(id)}`;

export function createRequests(http: Http) {
  return {
    /** Newest first; those that are not finished, unless `state` says `all`, or `refused` after a wait. */
    list(
      query: { state?: 'waiting' | 'refused' | 'all'; before?: string; limit?: number } = {},
    ): Promise<RequestList> {
      return http.call(RequestList, 'GET', '/v1/manifest/requests', { query });
    },

    /** What became of one's own Apply under this idempotency key; undefined where the server never got it, or a day after its end. */
    async ofKey(key: string): Promise<RequestSummary | undefined> {
      const query = { key };
      const { requests } = await http.call(RequestList, 'GET', '/v1/manifest/requests', { query });
      return requests[0];
    },

    /** While it waits, with what it would change. */
    show(id: string): Promise<RequestView> {
      return http.call(RequestView, 'GET', path(id));
    },

    /** `digest` is of the proposal that was looked at. @throws ApiProblem `approval_outdated` when it is another by now. */
    approve(id: string, digest: string, reason?: string): Promise<ApplyStatus> {
      const body = { digest, ...(reason === undefined ? {} : { reason }) };
      return http.call(ApplyStatus, 'POST', `${path(id)}/approve`, { body });
    },

    reject(id: string, reason: string): Promise<ApplyStatus> {
      return http.call(ApplyStatus, 'POST', `${path(id)}/reject`, { body: { reason } });
    },

    cancel(id: string): Promise<ApplyStatus> {
      return http.call(ApplyStatus, 'POST', `${path(id)}/cancel`);
    },

    /** What an Apply with this body would publish, to the byte, and what the policy would say. */
    dryRun(body: ApplyBody): Promise<DryRun> {
      return http.call(DryRun, 'POST', '/v1/manifest/apply', { body, query: { dryRun: true } });
    },

    policy(): Promise<SavedPolicy> {
      return http.call(SavedPolicy, 'GET', '/v1/manifest/policy');
    },

    /** @throws ApiProblem `conflict` when somebody saved after `version`. */
    savePolicy(body: PolicyBody): Promise<SavedPolicy> {
      return http.call(SavedPolicy, 'PUT', '/v1/manifest/policy', { body });
    },
  };
}
