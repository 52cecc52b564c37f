// The in-process bus keeps its port's contract.
import { busContract } from '@hakiri/testing/bus-contract';
import { makeTempDirectory } from '@hakiri/testing/temp-directory';
import { openEmbedded } from './open.ts';

busContract('embedded', async () => {
  const directory = await makeTempDirectory();
  let substrate = await openEmbedded(directory.path);
  return {
    bus: substrate.bus,
    reopen: async () => {
      await substrate.close();
      substrate = await openEmbedded(directory.path);
      return substrate.bus;
    },
    close: async () => {
      await substrate.close();
      await directory.remove();
    },
  };
});
