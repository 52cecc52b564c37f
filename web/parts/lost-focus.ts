// Where the focus goes when what had it is gone, with its screen or its dialog: to the heading of what is there instead, so that it
// is read out, and Tab goes on from there.

/** Nothing happens where somebody or something has the focus. */
export function focusHeadingIfLost(): void {
  if (document.activeElement !== null && document.activeElement !== document.body) return;
  const place = document.querySelector<HTMLElement>('main h1') ?? document.getElementById('content');
  if (place === null) return;
  if (!place.hasAttribute('tabindex')) place.tabIndex = -1;
  place.focus({ preventScroll: true });
}

/** After what removes it has been drawn, and whoever gives the focus back has had their turn. */
export function focusHeadingSoon(): void {
  requestAnimationFrame(() => requestAnimationFrame(focusHeadingIfLost));
}

/** The screen that an address is of: what is opened beside a list has its own care. */
export function screenOf(path: string): string {
  const [first = '', second = '', third = ''] = path.split('/').slice(1);
  return first === 'docs' ? `${first}/${second}/${third}` : first;
}
