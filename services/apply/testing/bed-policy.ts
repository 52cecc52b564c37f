// A team with a policy, and its people: what the tests of policies and approvals stand on.
import type { ApplyBody } from '@hakiri/contracts/apply';
import type { AuditRecord } from '@hakiri/contracts/auth';
import { type ApplyPolicy, NO_POLICY } from '@hakiri/contracts/policy';
import { type Applied, apply, type Bed, get, openBed, type Running } from './bed.ts';
import { pipeline } from './bed-peer.ts';

export const ALL = { kind: 'all' } as const;
export const ADMINS = { roles: ['admin' as const, 'owner' as const], users: [] };
/** Pipelines with odd numbers need one of them. */
export const PROTECTED: ApplyPolicy = {
  ...NO_POLICY,
  protected: [{ group: 'odd', approvals: 1, by: ADMINS }],
};

export type PolicyBed = Awaited<ReturnType<typeof openPolicyBed>>;

export async function openPolicyBed() {
  const bed: Bed = await openBed();
  const running: Running = await bed.start();
  const alice = bed.token('applier', 'alice');
  const bob = bed.token('admin', 'bob');
  const owner = bed.token('owner', 'olga');

  const call = async (method: string, token: string, path: string, body?: unknown) => {
    const response = await fetch(`${running.url}/v1/manifest/${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: await response.json() };
  };
  const send = (body: Partial<ApplyBody> = {}, token = alice): Promise<Applied> =>
    apply(running.url, token, { scope: ALL, version: bed.peer.version(), ...body });

  return {
    bed,
    url: running.url,
    alice,
    bob,
    owner,
    call,
    send,
    fetch: (path: string, token = alice) => get(running.url, token, path),
    read: async (path: string, token = alice) => (await get(running.url, token, path)).json(),
    save: (policy: ApplyPolicy, version = 0) => call('PUT', owner, 'policy', { version, policy }),
    audited: (action: string): AuditRecord[] =>
      bed.announced.audited.filter((record) => record.action === action),
    edit: (changes: Parameters<typeof pipeline>[1] = {}): string =>
      bed.peer.edit({
        pipelines: [pipeline(1, changes), ...[2, 3, 4].map((n) => pipeline(n))],
        variables: [],
      }),
  };
}
