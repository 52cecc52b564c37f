// Tries the browser's store inside a browser, and leaves what is broken in the page.
import { createBrowserReplicas } from '../replica-idb.ts';
import { tryReplicaStore } from './replica-store-contract.ts';

const [one, two] = [createBrowserReplicas('contract'), createBrowserReplicas('contract')];
tryReplicaStore(one, two, { hasLocks: isSecureContext })
  .catch((error: unknown) => [String(error)])
  .then((broken) => {
    document.body.dataset.broken = broken.join('; ');
  });
