// The conformance suite against four processes over a real nats-server, a real S3 gateway and real libSQL servers.
import { describe, test } from 'bun:test';
import { natsServerAvailable } from '@hakiri/testing/nats-server';
import { s3ServerAvailable } from '@hakiri/testing/s3-server';
import { sqldServerAvailable } from '@hakiri/testing/sqld-server';
import { clusterDeployment } from '../deployments.ts';
import { startStores } from '../stores.ts';
import { conformance } from './suite.ts';

if (natsServerAvailable() && s3ServerAvailable() && sqldServerAvailable())
  conformance(
    'cluster',
    async () => {
      const stores = await startStores();
      const deployment = await clusterDeployment({ stores });
      const stop = async (): Promise<void> => {
        await deployment.stop();
        await stores.stop();
      };
      return { ...deployment, stop };
    },
    { processes: true },
  );
else describe.skip('conformance: cluster', () => test('needs nats-server, radosgw and sqld', () => {}));
