// The document log's own thread. libSQL on a file is synchronous native code: every flush to disk stops the thread it is
// called on, and here that is nobody else's. Keep the imports few: each of them is loaded again for this thread.
import { messageOf } from '../log-request.ts';
import { type LogStore, openLogStore } from './log-store.ts';
import { type FromWorker, packOutcomes, type ToWorker, unpackRequests } from './log-wire.ts';

declare const self: Worker;

let store: LogStore | undefined;

function reply(message: FromWorker, transfer: Transferable[] = []): void {
  self.postMessage(message, transfer);
}

function take(message: ToWorker): void {
  switch (message.kind) {
    case 'open': {
      const { path, busyMs, limitPages } = message;
      store = openLogStore({
        path,
        ...(busyMs === undefined ? {} : { busyMs }),
        ...(limitPages === undefined ? {} : { limitPages }),
      });
      reply({ kind: 'ready' });
      break;
    }
    case 'batch': {
      if (store === undefined) throw new Error('asked before it was opened');
      const outcomes = store.execute(unpackRequests(message.requests, message.bytes));
      const packed = packOutcomes(outcomes);
      const { broken } = store;
      // Its successor must not find a lock of this one.
      if (broken) store.close();
      reply({ kind: 'outcomes', ...packed, broken }, [packed.bytes.buffer]);
      break;
    }
    case 'close':
      store?.close();
      store = undefined;
      reply({ kind: 'closed' });
      break;
    case 'die':
      process.exit(1);
  }
}

self.onmessage = (event: MessageEvent<ToWorker>) => {
  try {
    take(event.data);
  } catch (error) {
    reply({ kind: 'failed', message: messageOf(error) });
  }
};
