// Policies that are saved, and people who ask, between two steps of a request: stops of the service between them, as a test says.
import { afterEach, beforeEach, expect, test } from 'bun:test';
import type { ApplyBody } from '@hakiri/contracts/apply';
import { type ApplyPolicy, NO_POLICY } from '@hakiri/contracts/policy';
import { until } from '@hakiri/testing/until';
import { apply, type Bed, get, openBed, type Running } from '../testing/bed.ts';
import { pipeline } from '../testing/bed-peer.ts';
import { ADMINS, ALL, PROTECTED } from '../testing/bed-policy.ts';

const HOUR = 3_600_000;
const TWO: ApplyPolicy = { ...NO_POLICY, protected: [{ group: 'odd', approvals: 2, by: ADMINS }] };
const frozen = (): ApplyPolicy => {
  const [from, until] = [-1, 1].map((hours) => new Date(Date.now() + hours * HOUR).toISOString());
  return {
    ...NO_POLICY,
    freezes: [{ name: 'incident', when: { kind: 'between', from: from ?? '', until: until ?? '' } }],
  };
};

let bed: Bed;
let running: Running;
let alice: string;
let bob: string;
let version: number;
/** The next request that was prepared waits for what this resolves with. */
let meanwhile: (() => Promise<void>) | undefined;

beforeEach(async () => {
  bed = await openBed();
  alice = bed.token('applier', 'alice');
  bob = bed.token('admin', 'bob');
  version = 0;
  meanwhile = undefined;
  running = await bed.start({
    config: { waitingRequestsLimit: 2 },
    step: async (name) => {
      if (name !== 'prepared') return;
      const work = meanwhile;
      meanwhile = undefined;
      await work?.();
    },
  });
  bed.peer.edit({ pipelines: [pipeline(1), pipeline(2)], variables: [] });
});
afterEach(() => bed.close());

const send = (body: Partial<ApplyBody> = {}) =>
  apply(running.url, alice, { scope: ALL, version: bed.peer.version(), ...body });
const waits = async (body: Partial<ApplyBody> = {}): Promise<string> => {
  const sent = await send(body);
  expect(sent).toMatchObject({ status: 202, body: { state: 'awaiting_approval' } });
  return sent.body.id;
};
const view = async (id: string) => (await get(running.url, alice, `requests/${id}`)).json();
const asBob = (method: string, path: string, body: unknown, url = running.url) =>
  fetch(`${url}/v1/manifest/${path}`, {
    method,
    headers: { authorization: `Bearer ${bob}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
const save = async (policy: ApplyPolicy, url = running.url): Promise<void> => {
  expect((await asBob('PUT', 'policy', { version, policy }, url)).status).toBe(200);
  version += 1;
};

test('[AP12.6] a freeze that is saved before the number is given holds, whatever was asked before', async () => {
  meanwhile = () => save(frozen());
  expect(await send()).toMatchObject({ status: 409, body: { code: 'frozen' } });
  expect(await bed.index()).toBeUndefined();
});

test('[AP12.6] nor does what a group that is protected by then has go unseen', async () => {
  meanwhile = () => save(PROTECTED);
  await waits();
  expect(await bed.index()).toBeUndefined();
});

test('[AP12.21] what would begin to wait as a policy says that another process has replaced is asked for anew', async () => {
  const other = await bed.start({ deaf: true });
  await save(PROTECTED);
  meanwhile = () => save(NO_POLICY, other.url);
  expect(await send()).toMatchObject({ status: 200, body: { state: 'published' } });
});

test('[AP12.12] who waited keeps its place while it is looked at anew; the next is refused', async () => {
  await save(TWO);
  const id = await waits({ message: 'first' });
  await waits({ message: 'second' });
  const { approval } = await view(id);
  const [begun, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  // The rival's turn is before that of the one that is approved meanwhile.
  meanwhile = () => {
    begun.resolve();
    return gate.promise;
  };
  const rival = send({ message: 'rival' });
  await begun.promise;
  const approved = asBob('POST', `requests/${id}/approve`, { digest: approval.digest });
  await until(async () => (await view(id)).state === 'pending');
  gate.resolve();
  expect((await approved).status).toBe(200);
  expect(await rival).toMatchObject({ status: 429, body: { code: 'rate_limited' } });
  expect(await view(id)).toMatchObject({ state: 'awaiting_approval', approval: { needs: [{ given: 1 }] } });
});
