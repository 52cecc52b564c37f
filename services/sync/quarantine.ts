// What an operator learns of an update at which Loro failed: whose it was and its digest, never its content.
import { sha256Hex } from '@hakiri/base/bytes';
import type { Logger } from '@hakiri/service/logger';
import type { DocumentId } from '@hakiri/substrate/document-log';
import type { SyncMetrics } from './metrics.ts';

export async function quarantine(
  id: DocumentId,
  { user, updates, error }: { user: string; updates: readonly Uint8Array[]; error: string },
  { logger, metrics }: { logger: Logger; metrics: SyncMetrics },
): Promise<void> {
  metrics.quarantined();
  for (const update of updates) {
    const digest = await sha256Hex(update);
    logger.error('update_quarantined', { ...id, user, digest, bytes: update.length, error });
  }
}
