// The stores of a production installation, for real: an S3 gateway and a libSQL server for each service.
import { SERVICE_NAMES, type ServiceName } from '@hakiri/contracts/http';
import { type S3Server, startS3Server } from '@hakiri/testing/s3-server';
import { type SlowDownProxy, startSlowDownProxy } from '@hakiri/testing/slow-down-proxy';
import { type SqldServer, startSqldServer } from '@hakiri/testing/sqld-server';

export type Stores = {
  s3: S3Server;
  /** What the services talk to in its place. */
  proxy: SlowDownProxy;
  databases: ReadonlyMap<ServiceName, SqldServer>;
  /** The settings of a service that keeps everything there. */
  envOf(service: ServiceName): Record<string, string>;
  stop(): Promise<void>;
};

/** Of what the proxy refuses. */
const SEED = 20_260_301;

export async function startStores(): Promise<Stores> {
  const s3 = await startS3Server();
  const proxy = await startSlowDownProxy(s3.port, SEED);
  const bucket = await s3.bucket();
  const started = await Promise.all(
    SERVICE_NAMES.map(async (name) => [name, await startSqldServer()] as const),
  );
  const databases = new Map(started);
  return {
    s3,
    proxy,
    databases,
    envOf: (service) => ({
      HAKIRI_BLOBS: `s3://127.0.0.1:${proxy.port}/${bucket}/hakiri?tls=0`,
      HAKIRI_S3_ACCESS_KEY: s3.accessKey,
      HAKIRI_S3_SECRET_KEY: s3.secretKey,
      HAKIRI_DATABASE: databases.get(service)?.url ?? '',
    }),
    stop: async () => {
      await Promise.all([...databases.values()].map((database) => database.stop()));
      await proxy.stop();
      await s3.stop();
    },
  };
}
