// Whether a person wants to be told while the page is hidden: kept on this device, and asked of it by a press alone.
import type { Device } from '../device/device.ts';
import { createStore } from '../live/store.ts';

type Notifications = Device['notifications'];
const STORAGE_KEY = 'hakiri.tell-hidden';

export const wantsToBeTold = createStore(localStorage.getItem(STORAGE_KEY) === 'yes');

/** What was allowed once may have been forbidden since. */
export function isTold(wants: boolean, notifications: Pick<Notifications, 'isAllowed'>): boolean {
  return wants && notifications.isAllowed();
}

/** What it came to: `denied` when the device does not let us. */
export async function turnTelling(notifications: Notifications): Promise<'on' | 'off' | 'denied'> {
  const isOn = isTold(wantsToBeTold.get(), notifications);
  const outcome = isOn ? 'off' : (await notifications.allow()) ? 'on' : 'denied';
  if (outcome === 'on') localStorage.setItem(STORAGE_KEY, 'yes');
  else localStorage.removeItem(STORAGE_KEY);
  wantsToBeTold.set(outcome === 'on');
  return outcome;
}
