// The embedded lease keeps its port's contract.
import { leaseContract } from '@hakiri/testing/lease-contract';
import { createSimulatedClock } from '@hakiri/testing/simulated-clock';
import { makeTempDirectory } from '@hakiri/testing/temp-directory';
import { openEmbedded } from './open.ts';

leaseContract('embedded', async () => {
  const directory = await makeTempDirectory();
  const clock = createSimulatedClock();
  let substrate = await openEmbedded(directory.path, { clock });
  return {
    lease: substrate.lease,
    clock,
    reopen: async () => {
      await substrate.close();
      substrate = await openEmbedded(directory.path, { clock });
      return substrate.lease;
    },
    close: async () => {
      await substrate.close();
      await directory.remove();
    },
  };
});
