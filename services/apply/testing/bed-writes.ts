// What several tests of the service do over HTTP before what they are about: publish, revert, read and change the signing keys.
import type { ConfigDraft, PipelineDraft, VariableDraft } from '@hakiri/contracts/config';
import { type SigningKey, SigningKeySet } from '@hakiri/contracts/delivery';
import type { Problem } from '@hakiri/contracts/problem';
import type { RevertBody, RevertResult } from '@hakiri/contracts/revert';
import { silentLogger } from '@hakiri/service/logger';
import { createMessaging } from '@hakiri/service/messaging';
import { Value } from '@sinclair/typebox/value';
import { createKeyStore, type KeyStore } from '../store/store-keys.ts';
import { apply, type Bed, get } from './bed.ts';
import { pipeline } from './bed-peer.ts';

export function draft(pipelines: PipelineDraft[], variables: VariableDraft[] = []): ConfigDraft {
  return { pipelines, variables };
}

export async function tomlOf(url: string, token: string, label: string): Promise<string> {
  return (await get(url, token, `revisions/${label}/manifest.toml`)).text();
}

/** All of a document, which is edited to be this. @throws unless it is published */
export async function publishAll(bed: Bed, url: string, content: ConfigDraft, doc = 'main'): Promise<void> {
  const version = bed.peer.edit(content, doc);
  const token = bed.token('applier', 'alice');
  const { status, body } = await apply(url, token, { doc, scope: { kind: 'all' }, version });
  if (status !== 200 || body.state !== 'published') throw new Error(`${status}: ${JSON.stringify(body)}`);
}

/** A next revision: the first pipeline is described in another way, and `others` stand beside it. */
export function publishText(
  bed: Bed,
  url: string,
  description: string,
  others: PipelineDraft[] = [],
): Promise<void> {
  return publishAll(bed, url, { pipelines: [pipeline(1, { description }), ...others], variables: [] });
}

export async function postRevert(
  url: string,
  body: RevertBody,
  { token, key }: { token: string; key?: string },
): Promise<{ status: number; body: RevertResult & Partial<Problem> }> {
  const response = await fetch(`${url}/v1/manifest/revert`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}

/** As daemons read it. */
export async function signingKeys(url: string): Promise<SigningKey[]> {
  const set: unknown = await fetch(`${url}/v1/manifest/keys`).then((response) => response.json());
  if (!Value.Check(SigningKeySet, set)) throw new Error(JSON.stringify(set));
  return set.keys;
}

export function rotateKeys(
  bed: Bed,
  url: string,
  role: 'admin' | 'owner',
  body: object = {},
): Promise<Response> {
  return fetch(`${url}/v1/manifest/keys/rotate`, {
    method: 'POST',
    headers: { authorization: `Bearer ${bed.token(role)}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

/** What the service itself reads, with the private halves. */
export async function keyStoreOf(bed: Bed): Promise<KeyStore> {
  const database = await bed.substrate.database('apply', new URL('../migrations', import.meta.url).pathname);
  return createKeyStore(database, createMessaging({ ...bed.substrate, logger: silentLogger }));
}
