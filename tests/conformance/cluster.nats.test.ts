// The conformance suite against four processes over a real nats-server, a real S3 gateway and real libSQL servers.
import { describe, test } from 'bun:test';
import { present } from '@hakiri/base/assert';
import { natsServerAvailable } from '@hakiri/testing/nats-server';
import { s3ServerAvailable } from '@hakiri/testing/s3-server';
import { sqldServerAvailable } from '@hakiri/testing/sqld-server';
import { clusterDeployment, type Deployment } from '../deployments.ts';
import { type Stores, startStores } from '../stores.ts';
import { conformance } from './suite.ts';

let stores: Stores | undefined;

async function start(): Promise<Deployment> {
  const started = await startStores();
  stores = started;
  const deployment = await clusterDeployment({ stores: started });
  const stop = async (): Promise<void> => {
    await deployment.stop();
    await started.stop();
  };
  return { ...deployment, stop };
}

if (natsServerAvailable() && s3ServerAvailable() && sqldServerAvailable())
  conformance('cluster', start, { processes: true, stores: () => present(stores, 'they were started') });
else describe.skip('conformance: cluster', () => test('needs nats-server, radosgw and sqld', () => {}));
