// Registers the service worker once the page is shown, so that it takes nothing from the first screen.

export function keepForOffline(): void {
  // Not there without https, but for localhost.
  if (!('serviceWorker' in navigator)) return;
  const register = (): void => void navigator.serviceWorker.register('/worker.js').catch(() => {});
  if (document.readyState === 'complete') register();
  else window.addEventListener('load', register, { once: true });
}
