// What every store of replicas promises. Runs under Bun and in a page, so it counts for itself instead of expecting.
import { NO_FACTS, type ReplicaStore } from '../replica-store.ts';

const place = { user: 'ada', room: 'default/main' };
const bytes = (...values: number[]): Uint8Array => new Uint8Array(values);

/** `one` and `two` are the same store, opened twice. The promises that are broken. */
export async function tryReplicaStore(
  one: ReplicaStore,
  two: ReplicaStore,
  { hasLocks } = { hasLocks: true },
): Promise<string[]> {
  const broken: string[] = [];
  const check = (promise: string, holds: boolean): void => void (holds || broken.push(promise));

  check('one device', (await one.device()) === (await two.device()));
  const [a, b] = [await one.open(place), await two.open(place)];
  const other = await one.open({ ...place, user: 'bob' });
  const empty = await a.read();
  check('empty at first', empty.entries.length === 0 && empty.base === undefined);

  await a.append([
    { kind: 'remote', bytes: bytes(1) },
    { kind: 'local', bytes: bytes(2) },
  ]);
  await b.append([{ kind: 'local', bytes: bytes(3) }]);
  const read = await b.read();
  check('in order', read.entries.map((entry) => entry.bytes[0]).join() === '1,2,3');
  check('kinds', read.entries.map(({ kind }) => kind).join() === 'remote,local,local');
  check('each user apart', (await other.read()).entries.length === 0);

  await Promise.all([
    a.change((facts) => ({ ...facts, own: { ...facts.own, 1: 1 } })),
    b.change((facts) => ({ ...facts, own: { ...facts.own, 2: 2 } })),
  ]);
  check('changes do not overtake', JSON.stringify((await a.read()).facts.own) === '{"1":1,"2":2}');

  await a.append([{ kind: 'local', bytes: bytes(4) }]);
  const { generation, last } = read;
  check('folds', await a.fold({ generation, base: bytes(9), last }));
  check('folds once', !(await b.fold({ generation, base: bytes(8), last: last + 1 })));
  const folded = await b.read();
  check('the base is there', folded.base?.[0] === 9);
  check('later entries stay', folded.entries.map((entry) => entry.bytes[0]).join() === '4');
  check('facts stay', folded.facts.own['2'] === 2);

  await other.append([{ kind: 'local', bytes: bytes(5) }]);
  await b.reset({ ...NO_FACTS, permission: 'read' });
  const reset = await a.read();
  check('reset', reset.entries.length === 0 && reset.base === undefined && reset.facts.permission === 'read');
  check('reset is of one user', (await other.read()).entries.length === 1);
  check(
    'reset ends folds',
    !(await a.fold({ generation: folded.generation, base: bytes(7), last: folded.last })),
  );

  const release = await a.locks.tryHold('peer-1');
  check('a lock is held, where there are locks', (release !== undefined) === hasLocks);
  check('a lock is held once', (await b.locks.tryHold('peer-1')) === undefined);
  const next = hasLocks ? b.locks.hold('peer-1', new AbortController().signal) : undefined;
  release?.();
  const released = await next;
  check('who waits gets it', (released !== undefined) === hasLocks);
  const giveUp = new AbortController();
  const never = a.locks.hold('peer-1', giveUp.signal);
  giveUp.abort();
  check('waiting ends', (await never) === undefined);
  released?.();

  const heard = new Promise<Uint8Array>((resolve) => b.channel.onUpdate(resolve));
  a.channel.post(bytes(6));
  check('tabs hear each other', (await heard)[0] === 6);
  for (const log of [a, b, other]) {
    log.channel.close();
    log.close();
  }
  return broken;
}
