// Sync and auth as apply sees them, without a memory: a version says itself what the document holds there, so they may die and
// come back with the process that is tested.
import { fromBase64Url, fromUtf8, toBase64Url, utf8 } from '@hakiri/base/bytes';
import type { PipelineDraft } from '@hakiri/contracts/config';
import { GetKeys, GetOutline, GetRevocations, Materialize } from '@hakiri/contracts/subjects';
import type { Messaging } from '@hakiri/service/messaging';
import type { Subscription } from '@hakiri/substrate/bus';

/** The document after edit `edit`: whatever is asked for has it as its description. */
export function versionOf(edit: number): string {
  return toBase64Url(utf8(`edit ${edit}`));
}

export function pipelineId(number: number): string {
  return `p-${number}`;
}

export function standIn(messaging: Messaging, publicKey: string): Subscription[] {
  return [
    messaging.respond(GetKeys, 'auth', 'auth', async () => ({
      keys: [{ id: 1, algorithm: 'ed25519' as const, publicKey }],
    })),
    messaging.respond(GetRevocations, 'auth', 'auth', async () => ({ revocations: [] })),
    messaging.respond(Materialize, 'sync', 'sync', async ({ data }) => ({
      kind: 'page' as const,
      pipelines:
        data.scope.kind === 'pipelines'
          ? data.scope.pipelines.map((id) => draftOf(id, data.version ?? versionOf(0)))
          : [],
      variables: [],
    })),
    messaging.respond(GetOutline, 'sync', 'sync', async () => ({
      version: versionOf(0),
      pipelines: [],
      variables: [],
      moved: [],
    })),
  ];
}

function draftOf(id: string, version: string): PipelineDraft {
  const number = Number(id.slice(2));
  return {
    key: `01HZ${String(number).padStart(22, '0')}`,
    id,
    name: id,
    description: fromUtf8(fromBase64Url(version) ?? new Uint8Array()),
    tags: [],
    group: 'all',
    enabled: true,
    source: { kind: 'csv', ref: `${id}.csv` },
    destination: { table: `raw.p${number}` },
    schedule: { kind: 'cron', expr: '0 6 * * *' },
    placement: { kind: 'auto' },
    transforms: [],
    schema: {},
  };
}
