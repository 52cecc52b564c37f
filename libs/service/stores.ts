// Where a service of a cluster keeps what it keeps: the settings that say so, and the stores they mean.

import type { BlobStore } from '@hakiri/substrate/blob-store';
import type { DatabasePlace } from '@hakiri/substrate/cluster/open';
import { openDirectoryBlobStore } from '@hakiri/substrate/directory/blob-store';
import { openS3BlobStore, type S3Config } from '@hakiri/substrate/s3/blob-store';
import { ConfigError, type Environment, integerSetting, textSetting } from './config.ts';
import type { Logger } from './logger.ts';

export type BlobPlace = { kind: 'directory'; path: string } | { kind: 's3'; config: S3Config };

const BLOB_TIMEOUT = { fallback: 30_000, min: 1_000, max: 600_000 };

/**
 * HAKIRI_BLOBS: a directory that all services share, or `s3://<host>[:port]/<bucket>[/<prefix>][?region=…&tls=0]` with
 * HAKIRI_S3_ACCESS_KEY and HAKIRI_S3_SECRET_KEY. @throws ConfigError
 */
export function blobPlace(env: Environment): BlobPlace {
  const place = textSetting(env, 'HAKIRI_BLOBS');
  if (!place.startsWith('s3:')) return { kind: 'directory', path: place };
  const url = URL.canParse(place) ? new URL(place) : undefined;
  const [bucket = '', ...folders] = (url?.pathname ?? '').split('/').filter((name) => name !== '');
  if (url === undefined || url.hostname === '' || bucket === '')
    throw new ConfigError('HAKIRI_BLOBS must be a directory or s3://<host>[:port]/<bucket>[/<prefix>].');
  if (url.username !== '' || url.password !== '')
    throw new ConfigError('Set HAKIRI_S3_ACCESS_KEY and HAKIRI_S3_SECRET_KEY: HAKIRI_BLOBS is logged.');
  const tls = url.searchParams.get('tls') !== '0';
  return {
    kind: 's3',
    config: {
      endpoint: url.hostname,
      port: url.port === '' ? (tls ? 443 : 80) : Number(url.port),
      tls,
      region: url.searchParams.get('region') ?? 'us-east-1',
      bucket,
      prefix: folders.map((folder) => `${folder}/`).join(''),
      accessKey: textSetting(env, 'HAKIRI_S3_ACCESS_KEY'),
      secretKey: textSetting(env, 'HAKIRI_S3_SECRET_KEY'),
      timeoutMs: integerSetting(env, 'HAKIRI_S3_TIMEOUT_MS', BLOB_TIMEOUT),
    },
  };
}

/** Says what the store can do. @throws BlobStoreError when it cannot be reached. */
export async function openBlobs(place: BlobPlace, logger: Logger): Promise<BlobStore> {
  if (place.kind === 'directory') return openDirectoryBlobStore(place.path);
  const { store, abilities } = await openS3BlobStore(place.config);
  const { endpoint, bucket } = place.config;
  const isWhole = abilities.putIfAbsent && abilities.putIfMatch;
  const fields = { endpoint, bucket, ...abilities };
  if (isWhole) logger.info('blob_store', fields);
  else logger.warn('blob_store_without_conditions', fields);
  return store;
}

/**
 * HAKIRI_DATABASE: a libSQL server's address for this service's own database, such as `libsql://db:8080?tls=0`, with
 * HAKIRI_DATABASE_TOKEN; without it a file in HAKIRI_DATA. @throws ConfigError
 */
export function databasePlace(env: Environment): DatabasePlace {
  const url = env.HAKIRI_DATABASE;
  if (url === undefined || url === '') return { kind: 'directory', path: textSetting(env, 'HAKIRI_DATA') };
  if (!/^(libsql|https?|wss?):\/\//.test(url))
    throw new ConfigError(
      'HAKIRI_DATABASE must be the address of a libSQL server, such as libsql://host:8080.',
    );
  const token = env.HAKIRI_DATABASE_TOKEN;
  return { kind: 'server', url, ...(token === undefined || token === '' ? {} : { token }) };
}
