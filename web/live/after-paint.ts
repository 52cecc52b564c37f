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
