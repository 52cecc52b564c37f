// The conformance suite against four processes over a real nats-server.
import { describe, test } from 'bun:test';
import { natsServerAvailable } from '@hakiri/testing/nats-server';
import { clusterDeployment } from '../deployments.ts';
import { conformance } from './suite.ts';

if (natsServerAvailable()) conformance('cluster', () => clusterDeployment(), { processes: true });
else describe.skip('conformance: cluster', () => test('needs nats-server', () => {}));
