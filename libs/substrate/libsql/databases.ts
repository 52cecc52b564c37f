// The databases one process opened, each once however often it is asked for, and closed together.
import { type Database, openDatabase } from './database.ts';

export type Databases = {
  open(service: string, migrationsFolder: string): Promise<Database>;
  close(): Promise<void>;
};

const SERVICE = /^[a-z][a-z0-9-]{0,39}$/;
// Files of the substrate itself, beside the services' own.
const RESERVED = new Set(['bus', 'documents', 'lease', 'lock']);

export function createDatabases(addressOf: (service: string) => { url: string; token?: string }): Databases {
  const opened = new Map<string, Promise<Database>>();
  return {
    open: (service, migrationsFolder) => {
      if (!SERVICE.test(service) || RESERVED.has(service))
        return Promise.reject(new TypeError(`not a name for a service's database: ${service}`));
      const known = opened.get(service);
      if (known) return known;
      const { url, token } = addressOf(service);
      const opening = openDatabase(url, migrationsFolder, token);
      opened.set(service, opening);
      // A failed opening may be tried again.
      opening.catch(() => opened.delete(service));
      return opening;
    },
    close: async () => {
      const all = await Promise.allSettled(opened.values());
      for (const one of all) if (one.status === 'fulfilled') await one.value.close();
    },
  };
}
