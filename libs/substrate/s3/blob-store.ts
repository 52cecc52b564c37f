// BlobStore on S3 or whatever speaks like it. Conditions are the store's own (`If-None-Match`, `If-Match`); not every store
// knows them, so it is asked at the start what it can do. No error of it carries a credential or a signed header further.
import { Client, S3Error } from 'minio';
import {
  type BlobStore,
  BlobStoreError,
  type PutOutcome,
  segmentsOf,
  stagedAsPut,
  withNamedErrors,
} from '../blob-store.ts';

export type S3Config = {
  endpoint: string;
  port: number;
  tls: boolean;
  region: string;
  bucket: string;
  /** Before every key, such as `hakiri/`; empty for none. */
  prefix: string;
  accessKey: string;
  secretKey: string;
  /** A request that takes longer failed; what it did is unknown. */
  timeoutMs: number;
};

/** What the store was seen to do. Without both, two processes that write at once could overwrite each other. */
export type S3Abilities = { putIfAbsent: boolean; putIfMatch: boolean };
/** How an etag stands in `If-Match`: in quotes, as RFC 9110 has it, or bare, as some stores compare it. */
type EtagForm = (etag: string) => string;
const ETAG_FORMS: readonly EtagForm[] = [(etag) => `"${etag}"`, (etag) => etag];
export type OpenedS3 = { store: BlobStore; abilities: S3Abilities };

/** A body leaves in one request: of a multipart upload the conditions would not hold. */
const PART_LIMIT_BYTES = 512 * 1024 * 1024;
/** Two conditional puts that meet may get a 500 from the store; asked again, one of them is told that it came too late. */
const RETRY = { maximumRetryCount: 4, baseDelayMs: 50, maximumDelayMs: 500 };
const GONE = new Set(['NoSuchKey', 'NotFound']);
/** A store may answer the second when two conditional puts meet. */
const CONDITION_FAILED = new Set(['PreconditionFailed', 'ConditionalRequestConflict']);

/** @throws BlobStoreError when the bucket cannot be reached or written. */
export async function openS3BlobStore(config: S3Config): Promise<OpenedS3> {
  for (const form of ETAG_FORMS) {
    const store = createS3BlobStore(config, form);
    const { isMatchable, ...abilities } = await probe(config, store);
    if (isMatchable) return { store, abilities };
  }
  throw new BlobStoreError(`${config.bucket} takes a conditional put in no form that is known`);
}

function createS3BlobStore(config: S3Config, inMatch: EtagForm): BlobStore {
  const { bucket, prefix } = config;
  const client = clientOf(config);
  const within = <T>(work: Promise<T>): Promise<T> => withinTime(work, config.timeoutMs);
  const objectOf = (key: string): string => prefix + segmentsOf(key).join('/');

  async function put(key: string, bytes: Uint8Array, condition: Record<string, string>) {
    const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    await within(client.putObject(bucket, objectOf(key), body, body.length, condition));
    return { kind: 'stored' as const };
  }

  async function putIfAbsent(key: string, bytes: Uint8Array): Promise<PutOutcome> {
    try {
      return await put(key, bytes, { 'If-None-Match': '*' });
    } catch (error) {
      if (isCode(error, CONDITION_FAILED)) return { kind: 'exists' };
      throw error;
    }
  }

  return withNamedErrors(
    {
      get: async (key) => {
        try {
          return await within(read(client, bucket, objectOf(key)));
        } catch (error) {
          if (isCode(error, GONE)) return undefined;
          throw error;
        }
      },
      putIfAbsent,
      stage: (key, bytes) => stagedAsPut(() => putIfAbsent(key, bytes)),
      putIfMatch: async (key, bytes, etag) => {
        try {
          return await put(key, bytes, { 'If-Match': inMatch(etag) });
        } catch (error) {
          if (isCode(error, CONDITION_FAILED) || isCode(error, GONE)) return { kind: 'mismatch' };
          throw error;
        }
      },
      list: async (wanted) => {
        const keys = await within(listed(client, bucket, prefix + wanted));
        return keys.map((name) => name.slice(prefix.length)).sort();
      },
      folders: async (wanted) => {
        const from = prefix + wanted;
        const names = await within(foldersBelow(client, bucket, from));
        return names.map((name) => name.slice(from.length, -1)).sort();
      },
      delete: (key) => within(client.removeObject(bucket, objectOf(key))),
    },
    plainCause,
  );
}

function clientOf(config: S3Config): Client {
  const { endpoint, port, tls, region, accessKey, secretKey } = config;
  return new Client({
    endPoint: endpoint,
    port,
    useSSL: tls,
    region,
    accessKey,
    secretKey,
    pathStyle: true,
    partSize: PART_LIMIT_BYTES,
    retryOptions: RETRY,
  });
}

async function read(client: Client, bucket: string, name: string) {
  const stream = await client.getObject(bucket, name);
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  const headers = 'headers' in stream ? Object(stream.headers) : {};
  const etag: unknown = headers.etag;
  if (typeof etag !== 'string') throw new BlobStoreError(`${name} came without an etag`);
  return { bytes: new Uint8Array(Buffer.concat(chunks)), etag: etag.replaceAll('"', '') };
}

async function listed(client: Client, bucket: string, prefix: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of client.listObjectsV2(bucket, prefix, true)) if (name) names.push(name);
  return names;
}

/** The store puts together what is behind the next slash, and tells it once. */
async function foldersBelow(client: Client, bucket: string, from: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { prefix } of client.listObjectsV2(bucket, from, false)) if (prefix) names.push(prefix);
  return names;
}

/** Writes and removes an object of its own. `isMatchable`: a conditional put that has to be taken was. */
async function probe(
  { bucket }: S3Config,
  store: BlobStore,
): Promise<S3Abilities & { isMatchable: boolean }> {
  const key = `probe-${crypto.randomUUID()}`;
  const bytes = new TextEncoder().encode('hakiri-control asks what this store can do');
  try {
    const first = await store.putIfAbsent(key, bytes);
    if (first.kind !== 'stored') throw new BlobStoreError(`${bucket} refuses a new object`);
    const again = await store.putIfAbsent(key, bytes);
    const other = await store.putIfMatch(key, bytes, '0'.repeat(32));
    const there = await store.get(key);
    const same = await store.putIfMatch(key, bytes, there?.etag ?? '');
    return {
      putIfAbsent: again.kind === 'exists',
      putIfMatch: other.kind === 'mismatch',
      isMatchable: same.kind === 'stored',
    };
  } finally {
    await store.delete(key).catch(() => {});
  }
}

async function withinTime<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new BlobStoreError(`no answer within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function isCode(error: unknown, codes: ReadonlySet<string>): boolean {
  return error instanceof S3Error && codes.has(error.code ?? '');
}

/** What went wrong, without what was sent: requests are signed. */
function plainCause(error: unknown): Error {
  const code = error instanceof S3Error ? error.code : undefined;
  const what = error instanceof Error ? error.message : String(error);
  return new Error(code === undefined ? what : `${code}: ${what}`);
}
