// Tries the browser's store inside a browser, and leaves what is broken in the page.
import { createBrowserReplicas } from '../replica-idb.ts';
import { NO_FACTS } from '../replica-store.ts';
import { tryReplicaStore } from './replica-store-contract.ts';

const [one, two] = [createBrowserReplicas('contract'), createBrowserReplicas('contract')];

/** As the page before this one left it: the base stood in the head. */
async function tryFirstVersion(): Promise<string[]> {
  const asked = indexedDB.open('first', 1);
  asked.onupgradeneeded = () => {
    const db = asked.result;
    const heads = db.createObjectStore('heads');
    const entries = db.createObjectStore('entries', { autoIncrement: true });
    entries.createIndex('place', 'place');
    db.createObjectStore('device');
    const facts = { ...NO_FACTS, own: { 7: 3 } };
    heads.put({ generation: 4, base: new Uint8Array([1, 2]), facts }, 'ada@team/main');
    heads.put({ generation: 0, facts: NO_FACTS }, 'ada@team/other');
    entries.put({ kind: 'local', bytes: new Uint8Array([3]), place: 'ada@team/main' });
  };
  await new Promise<void>((resolve, reject) => {
    asked.onsuccess = () => resolve();
    asked.onerror = () => reject(asked.error);
  });
  asked.result.close();
  const store = createBrowserReplicas('first');
  const log = await store.open({ user: 'ada', room: 'team/main' });
  await log.change((known) => ({ ...known, permission: 'read' }));
  const { generation, base, facts, entries } = await log.read();
  const other = await (await store.open({ user: 'ada', room: 'team/other' })).read();
  const found = JSON.stringify([
    generation,
    [...(base ?? [])],
    facts.own,
    facts.permission,
    entries.map(({ kind, bytes }) => [kind, ...bytes]),
    other.base ?? null,
  ]);
  const expected = '[4,[1,2],{"7":3},"read",[["local",3]],null]';
  return found === expected ? [] : [`of the first version ${found} is left`];
}

Promise.all([tryReplicaStore(one, two, { hasLocks: isSecureContext }), tryFirstVersion()])
  .catch((error: unknown) => [String(error)])
  .then((broken) => {
    document.body.dataset.broken = broken.flat().join('; ');
  });
