// What becomes of an error that no caller is there to get: an uncaught error of the process, which is seen, unlike one
// that is dropped.

export function rethrowLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
