// What is shown of a key besides its letter comes after it: first the frame with the letter is drawn, then this is done.

/** Once, after the next frame. While nobody sees the page there is none. Returns how to cancel it. Of two the first asked is the first done. */
export function afterPaint(work: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const frame = requestAnimationFrame(() => {
    timer = setTimeout(work);
  });
  return () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
  };
}

/** Whether somebody presses, ticks or chooses something in this task. */
let isPress = false;
for (const type of ['click', 'change'])
  globalThis.addEventListener?.(
    type,
    () => {
      isPress = true;
      setTimeout(() => {
        isPress = false;
      });
    },
    true,
  );

/**
 * Work that follows the document: asked for many times, done once. After the next frame, as letters and edits of others can wait;
 * what was pressed is done before it, as a tick that waits for its value springs back for a frame.
 */
export function createFollower(work: () => void): { ask(): void; cancel(): void } {
  let cancelAsked: (() => void) | undefined;
  const cancel = (): void => {
    cancelAsked?.();
    cancelAsked = undefined;
  };
  const done = (): void => {
    cancel();
    work();
  };
  return {
    ask() {
      if (!isPress) {
        cancelAsked ??= afterPaint(done);
        return;
      }
      cancel();
      done();
    },
    cancel,
  };
}
