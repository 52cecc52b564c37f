// The events of a document for all of the page that wants to know. Loro makes each event anew for each who subscribes to it, which
// costs more than what most of them do with it.
import type { LoroDoc, LoroEventBatch } from 'loro-crdt';

type Listener = (batch: LoroEventBatch) => void;
const hubs = new WeakMap<LoroDoc, { listeners: Set<Listener>; stop(): void }>();

/** Told at once, in the order in which they came. Returns how to stop it. */
export function onDocument(doc: LoroDoc, listener: Listener): () => void {
  const hub = hubs.get(doc) ?? openHub(doc);
  // Who listens twice with one function hears twice.
  const own: Listener = (batch) => listener(batch);
  hub.listeners.add(own);
  return () => {
    if (!hub.listeners.delete(own) || hub.listeners.size > 0) return;
    hub.stop();
    hubs.delete(doc);
  };
}

function openHub(doc: LoroDoc) {
  const listeners = new Set<Listener>();
  const stop = doc.subscribe((batch) => {
    for (const listener of [...listeners]) {
      try {
        listener(batch);
      } catch (error) {
        // One that fails is no reason that the others miss it.
        reportError(error);
      }
    }
  });
  const hub = { listeners, stop };
  hubs.set(doc, hub);
  return hub;
}
