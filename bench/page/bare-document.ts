// A Loro document and nothing else, in a process of its own: what the same edits cost at the least, in the memory of its WebAssembly.
import { fileURLToPath } from 'node:url';

export type BareDocument = {
  take(update: Uint8Array): void;
  /** After all that it was given. */
  memoryBytes(): Promise<number>;
  stop(): void;
};

/** With so much in it. */
export function startBareDocument(snapshot: Uint8Array): BareDocument {
  const worker = new Worker(fileURLToPath(import.meta.resolve('./bare-document-worker.ts')));
  let told: ((bytes: number) => void) | undefined;
  worker.onmessage = ({ data }: MessageEvent<unknown>) => {
    if (typeof data === 'number') told?.(data);
  };
  worker.postMessage(snapshot);
  return {
    take: (update) => worker.postMessage(update),
    memoryBytes: () =>
      new Promise((resolve) => {
        told = resolve;
        worker.postMessage('memory');
      }),
    stop: () => worker.terminate(),
  };
}
