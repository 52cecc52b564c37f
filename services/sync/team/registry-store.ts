// Keeps each team's registry as one small JSON in the blob store. Changes are conditional and tried again, so two processes that
// change it at once both have their change in it.
import { fromUtf8, utf8 } from '@hakiri/base/bytes';
import { createSerial, type Serial } from '@hakiri/base/serial';
import { type BlobStore, BlobStoreError } from '@hakiri/substrate/blob-store';
import type { Clock } from '@hakiri/substrate/clock';
import { TypeCompiler } from '@sinclair/typebox/compiler';
import { type Change, EMPTY_REGISTRY, type Refusal, Registry } from './registry.ts';

const ATTEMPTS_LIMIT = 20;
/** Teams whose registry is in memory. */
const TEAMS_LIMIT = 1_000;
/** Another process's change is seen after this time at the latest. */
const FRESH_MS = 2_000;

const check = TypeCompiler.Compile(Registry);

export type RegistryStore = {
  /** As it is now. @throws BlobStoreError */
  read(team: string): Promise<Registry>;
  /** At most FRESH_MS old, older only while the store is away; one's own changes are in it at once. @throws BlobStoreError */
  recent(team: string): Promise<Registry>;
  /** `decide` may be asked again when somebody else was first. Durable when it resolves. @throws BlobStoreError */
  change(
    team: string,
    decide: (registry: Registry) => Change,
  ): Promise<Refusal | { kind: 'done'; registry: Registry }>;
};

export function registryKey(team: string): string {
  return `sync/${team}/documents.json`;
}

export function createRegistryStore({ blobs, clock }: { blobs: BlobStore; clock: Clock }): RegistryStore {
  const known = new Map<string, { registry: Registry; readAtMs: number }>();
  const serials = new Map<string, Serial>();

  function remember(team: string, registry: Registry): Registry {
    known.delete(team);
    const [oldest] = known.keys();
    if (known.size >= TEAMS_LIMIT && oldest !== undefined) known.delete(oldest);
    known.set(team, { registry, readAtMs: clock.now() });
    return registry;
  }

  async function load(team: string): Promise<{ registry: Registry; etag: string | undefined }> {
    const key = registryKey(team);
    const blob = await blobs.get(key);
    return blob === undefined
      ? { registry: EMPTY_REGISTRY, etag: undefined }
      : { registry: decode(key, blob.bytes), etag: blob.etag };
  }

  const read = async (team: string): Promise<Registry> => remember(team, (await load(team)).registry);

  /** One after the other in this process, so that only other processes make an attempt fail. */
  function alone<T>(team: string, work: () => Promise<T>): Promise<T> {
    const serial = serials.get(team) ?? createSerial();
    serials.set(team, serial);
    const result = serial.run(work);
    void serial.idle().then(() => {
      if (serials.get(team) === serial) serials.delete(team);
    });
    return result;
  }

  return {
    read,
    recent: async (team) => {
      const recent = known.get(team);
      const age = recent === undefined ? FRESH_MS : clock.now() - recent.readAtMs;
      if (recent === undefined) return read(team);
      if (age >= 0 && age < FRESH_MS) return recent.registry;
      try {
        return await read(team);
      } catch (error) {
        // Better what was true a while ago than nobody editing while the blob store is away.
        if (error instanceof BlobStoreError) return recent.registry;
        throw error;
      }
    },
    change: (team, decide) =>
      alone(team, async () => {
        const key = registryKey(team);
        for (let attempt = 0; attempt < ATTEMPTS_LIMIT; attempt++) {
          const { registry, etag } = await load(team);
          const change = decide(registry);
          if (change.kind === 'refused') return change;
          if (change.kind === 'same') return { kind: 'done', registry: remember(team, registry) };
          const bytes = utf8(`${JSON.stringify(change.registry)}\n`);
          const outcome =
            etag === undefined
              ? await blobs.putIfAbsent(key, bytes)
              : await blobs.putIfMatch(key, bytes, etag);
          if (outcome.kind === 'stored') return { kind: 'done', registry: remember(team, change.registry) };
        }
        throw new BlobStoreError(`${key} kept changing under us`);
      }),
  };
}

/** @throws BlobStoreError: what cannot be read is not overwritten. */
function decode(key: string, bytes: Uint8Array): Registry {
  let value: unknown;
  try {
    value = JSON.parse(fromUtf8(bytes));
  } catch (cause) {
    throw new BlobStoreError(`${key} is not JSON`, { cause });
  }
  if (!check.Check(value))
    throw new BlobStoreError(`${key} is no registry of documents that this version knows`);
  return value;
}
