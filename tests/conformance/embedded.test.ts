// The conformance suite against one process on one data directory.
import { embeddedDeployment } from '../deployments.ts';
import { conformance } from './suite.ts';

conformance('embedded', () => embeddedDeployment(), { processes: false });
