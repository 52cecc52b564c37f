// Makes a stream when it is missing. One that is there is the operator's: its replicas and limits are left alone.
import { DiscardPolicy, type JetStreamManager, nanos, RetentionPolicy, StorageType } from 'nats';
import { apiErrorCode, STREAM_NOT_FOUND } from './connection.ts';

type StreamSpec = {
  name: string;
  subjects: string[];
  replicas: number;
  /** Left out, messages stay until they are purged. */
  maxAgeMs?: number;
  /** At this size nothing more is taken; left out, the server's own store limit is the bound. */
  limitBytes?: number;
  dedupeWindowMs?: number;
};

const TRIES = 40;
const RETRY_MS = 500;

/** Waits while JetStream has no leader yet, for TRIES × RETRY_MS. */
export async function ensureStream(manager: JetStreamManager, spec: StreamSpec): Promise<void> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await ensureOnce(manager, spec);
    } catch (error) {
      if (tried === TRIES || apiErrorCode(error) !== undefined) throw error;
      await Bun.sleep(RETRY_MS);
    }
  }
}

async function ensureOnce(manager: JetStreamManager, spec: StreamSpec): Promise<void> {
  try {
    await manager.streams.info(spec.name);
    return;
  } catch (error) {
    if (apiErrorCode(error) !== STREAM_NOT_FOUND) throw error;
  }
  // Two processes may add it at once: the same configuration twice is no error.
  await manager.streams.add({
    name: spec.name,
    subjects: spec.subjects,
    num_replicas: spec.replicas,
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    // What is full says so; to drop the oldest would lose what a consumer that is away still needs.
    discard: DiscardPolicy.New,
    max_age: nanos(spec.maxAgeMs ?? 0),
    max_bytes: spec.limitBytes ?? -1,
    ...(spec.dedupeWindowMs === undefined ? {} : { duplicate_window: nanos(spec.dedupeWindowMs) }),
  });
}
