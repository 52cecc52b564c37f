// The last good manifest on disk, with its signature and the keys that are believed: one file, replaced as a whole, so that a
// crash at any time leaves the old one or the new one.
import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SignedManifest, SigningKey } from '@hakiri/contracts/delivery';
import { type Static, Type } from '@sinclair/typebox';
import { Check } from '@sinclair/typebox/value';
import { parseJson } from './errors.ts';

const Cached = Type.Object({
  format: Type.Literal(1),
  keys: Type.Array(SigningKey),
  manifest: Type.Optional(Type.Object({ signed: SignedManifest, toml: Type.String() })),
  /** When the manifest was taken over. */
  since: Type.Optional(Type.String()),
});
export type Cached = Static<typeof Cached>;

export type DaemonCache = {
  /** Undefined when there is none, or none that can be read. */
  load(): Promise<Cached | undefined>;
  save(cached: Cached): Promise<void>;
};

/** `path`: its directory is made when it is not there, readable by its owner alone. */
export function fileCache(path: string): DaemonCache {
  const folder = dirname(path);
  return {
    load: async () => {
      const text = await readFile(path, 'utf8').catch(() => undefined);
      const value = text === undefined ? undefined : parseJson(text);
      return Check(Cached, value) ? value : undefined;
    },

    save: async (cached) => {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const draft = `${path}.${randomBytes(6).toString('hex')}.tmp`;
      try {
        const file = await open(draft, 'wx', 0o600);
        try {
          await file.writeFile(JSON.stringify(cached));
          await file.sync();
        } finally {
          await file.close();
        }
        await rename(draft, path);
      } catch (error) {
        await rm(draft, { force: true });
        throw error;
      }
      // The new name is on disk, too.
      const directory = await open(folder, 'r');
      await directory.sync().finally(() => directory.close());
    },
  };
}
