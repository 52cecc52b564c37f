// Sync and apply as they are, on the embedded substrate in one process, for tests of what goes between the two.
import { createApply } from '@hakiri/apply/service';
import type { ApplyBody, ApplyStatus } from '@hakiri/contracts/apply';
import type { DiscardBody, DiscardResult, PendingChange, PendingPage } from '@hakiri/contracts/pending';
import type { RevertBody, RevertResult } from '@hakiri/contracts/revert';
import type { Revision } from '@hakiri/contracts/revision';
import { DocumentRested, EditDocument, GetOutline } from '@hakiri/contracts/subjects';
import type { EditReply, EditRequest } from '@hakiri/contracts/sync';
import { createDeps } from '@hakiri/service/deps';
import { listen } from '@hakiri/service/host';
import { silentLogger } from '@hakiri/service/logger';
import { openEmbedded } from '@hakiri/substrate/embedded/open';
import { DEFAULTS, type SyncConfig } from '@hakiri/sync/config';
import { createSync } from '@hakiri/sync/service';
import { createTestGuard } from '@hakiri/sync/testing/test-guard';
import { makeTempDirectory } from '@hakiri/testing/temp-directory';
import { until } from '@hakiri/testing/until';

export type PendingWorld = Awaited<ReturnType<typeof openPendingWorld>>;
export type Pending = Pick<PendingPage, 'pipelines' | 'variables'>;

const TEAM = 'default';
const TARGET = { team: TEAM, doc: 'main' };
const NOTHING: EditRequest = { put: [], putVariables: [], delete: [], deleteVariables: [] };

/** With `isManual` nothing comes to rest but what a test says has. */
export async function openPendingWorld({
  isManual = true,
  sync = {},
}: {
  isManual?: boolean;
  sync?: Partial<SyncConfig>;
} = {}) {
  const directory = await makeTempDirectory();
  const substrate = await openEmbedded(directory.path);
  const guard = createTestGuard(substrate.clock.now);
  guard.roles.set('owner', 'owner');
  const config = { ...DEFAULTS, ...sync };
  let keys = 0;
  const rested = new Set<string>();

  async function start() {
    const deps = { ...createDeps(substrate, 'sync', silentLogger), guard };
    const { messaging } = deps;
    const enqueue: typeof messaging.enqueue = async (message, ...rest) => {
      if (!isManual || message.pattern !== DocumentRested.pattern) await messaging.enqueue(message, ...rest);
    };
    const services = [
      createSync({ ...deps, messaging: { ...messaging, enqueue } }, config),
      await createApply({ ...createDeps(substrate, 'apply', silentLogger), guard }),
    ];
    for (const service of services) await service.start();
    const host = listen(services, { hostname: '127.0.0.1', port: 0 });
    return {
      url: host.url,
      messaging,
      stop: async () => {
        for (const service of services) await service.stop();
        await host.stop();
      },
    };
  }

  let running = await start();
  const cause = (user: string) => ({ actor: { kind: 'user' as const, id: user } });

  async function call(
    method: string,
    path: string,
    body?: unknown,
    headers = {},
    user = 'owner',
  ): Promise<Response> {
    return fetch(`${running.url}/v1/manifest/${path}`, {
      method,
      headers: { authorization: `Bearer ${user}`, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  async function version(): Promise<string> {
    const asked = { entries: false };
    return (await running.messaging.request(GetOutline, TARGET, cause('owner'), asked, 10_000)).version;
  }

  async function finished(): Promise<number> {
    const metrics = await (await fetch(`${running.url}/metrics`)).text();
    const counts = [...metrics.matchAll(/request_seconds_count\{[^}]*\} ([0-9]+)/g)];
    return counts.reduce((sum, [, count]) => sum + Number(count), 0);
  }

  return {
    call,
    guard,
    version,
    get url() {
      return running.url;
    },
    edit: (edit: Partial<EditRequest>, user = 'alice', doc = 'main'): Promise<EditReply> =>
      running.messaging.request(
        EditDocument,
        { team: TEAM, doc },
        cause(user),
        { ...NOTHING, ...edit },
        10_000,
      ),
    apply: async (scope: ApplyBody['scope'], at?: string): Promise<ApplyStatus & { code?: string }> => {
      keys += 1;
      const body = { scope, version: at ?? (await version()) };
      return (await call('POST', 'apply', body, { 'idempotency-key': `pending-${keys}` })).json();
    },
    pending: async (): Promise<Pending> => {
      const all: { pipelines: PendingChange[]; variables: PendingChange[] } = {
        pipelines: [],
        variables: [],
      };
      for (let after = ''; ; ) {
        const answer = await call('GET', `pending?after=${encodeURIComponent(after)}`);
        if (answer.status !== 200) throw new Error(await answer.text());
        const page: PendingPage = await answer.json();
        all.pipelines.push(...page.pipelines);
        all.variables.push(...page.variables);
        if (page.next === undefined) return all;
        after = page.next;
      }
    },
    discard: async (body: DiscardBody): Promise<DiscardResult & { code?: string; detail?: string }> =>
      (await call('POST', 'discard', body)).json(),
    revert: async (body: RevertBody): Promise<RevertResult & { code?: string }> => {
      const answer = await (await call('POST', 'revert', body)).json();
      return { documents: [], ...answer };
    },
    /** As sync says it when editing came to rest. Resolves when what apply makes of it has ended. */
    rest: async (users = ['alice']): Promise<void> => {
      const before = await finished();
      const now = await version();
      // Where it rested already there is nothing to do, and nothing ends.
      if (rested.has(now)) return;
      rested.add(now);
      const data = { doc: 'main', version: now, users };
      await running.messaging.enqueue(
        DocumentRested,
        { team: TEAM },
        { actor: { kind: 'service', id: 'sync' } },
        data,
      );
      await until(async () => (await finished()) > before);
    },
    revisions: async (): Promise<Revision[]> => {
      const { revisions } = await (await call('GET', 'revisions')).json();
      return revisions;
    },
    body: async (): Promise<string> => {
      const answer = await call('GET', 'latest');
      return answer.status === 404 ? '' : answer.text();
    },
    restart: async (): Promise<void> => {
      await running.stop();
      running = await start();
    },
    close: async (): Promise<void> => {
      await running.stop();
      await substrate.close();
      await directory.remove();
    },
  };
}
