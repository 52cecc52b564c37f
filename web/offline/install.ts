// Registers the service worker, which fetches every file of the page: when nothing else is to be done, so that it takes nothing
// from the first screen.
import { whenIdle } from '../live/idle.ts';

export function keepForOffline(): void {
  // Not there without https, but for localhost.
  if (!('serviceWorker' in navigator)) return;
  whenIdle(['/worker.js'], (path) => void navigator.serviceWorker.register(path).catch(() => {}));
}
