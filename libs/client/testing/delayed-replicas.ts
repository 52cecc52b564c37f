// A store of replicas that does what it is asked in order, and each only when a test lets it: as slow as a busy machine's disk.
import type { ReplicaLog, ReplicaStore } from '../replica-store.ts';

export type Asked = 'device' | 'open' | 'read' | 'append' | 'change' | 'fold' | 'reset' | 'lock';

export function delayedReplicas(store: ReplicaStore, before: (asked: Asked) => Promise<void>): ReplicaStore {
  return {
    async device() {
      await before('device');
      return store.device();
    },
    async open(place) {
      await before('open');
      return delayedLog(await store.open(place), before);
    },
  };
}

function delayedLog(log: ReplicaLog, before: (asked: Asked) => Promise<void>): ReplicaLog {
  let last: Promise<unknown> = Promise.resolve();
  function inOrder<Result>(asked: Asked, act: () => Promise<Result>): Promise<Result> {
    const done = last.then(() => before(asked)).then(act);
    last = done.catch(() => {});
    return done;
  }
  return {
    read: () => inOrder('read', () => log.read()),
    append: (entries) => inOrder('append', () => log.append(entries)),
    change: (change) => inOrder('change', () => log.change(change)),
    fold: (fold) => inOrder('fold', () => log.fold(fold)),
    reset: (facts) => inOrder('reset', () => log.reset(facts)),
    locks: {
      async tryHold(name) {
        await before('lock');
        return log.locks.tryHold(name);
      },
      async hold(name, signal) {
        await before('lock');
        return log.locks.hold(name, signal);
      },
    },
    channel: log.channel,
    close: () => void last.then(() => log.close()),
  };
}
