// A browser as the device: local storage, IndexedDB, and notifications once the person has allowed them.
import { createBrowserReplicas } from '@hakiri/client/replica-idb';
import type { Device } from './device.ts';
import { storedSession } from './stored-session.ts';

export function browserDevice(): Device {
  const canNotify = 'Notification' in window;
  return {
    session: storedSession,
    replicas: createBrowserReplicas(),
    notifications: {
      isAllowed: () => canNotify && Notification.permission === 'granted',
      allow: async () => canNotify && (await Notification.requestPermission()) === 'granted',
      show({ title, text, tag, open }) {
        if (!canNotify || Notification.permission !== 'granted') return;
        const note = new Notification(title, { body: text, tag });
        note.onclick = () => {
          window.focus();
          open();
          note.close();
        };
      },
    },
  };
}
