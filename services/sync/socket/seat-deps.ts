// What a seat is given, and what it tells its socket.
import type { Guard } from '@hakiri/service/guard';
import type { Logger } from '@hakiri/service/logger';
import type { Clock } from '@hakiri/substrate/clock';
import type { DocumentId } from '@hakiri/substrate/document-log';
import type { SyncConfig } from '../config.ts';
import type { Documents } from '../document/documents.ts';
import type { SyncMetrics } from '../metrics.ts';
import type { Deadlines } from './deadlines.ts';
import type { Address } from './frames.ts';

export type SeatDeps = {
  guard: Guard;
  /** An archived document is read, not edited, whoever comes. */
  isArchived(id: DocumentId): Promise<boolean>;
  documents: Documents;
  clock: Clock;
  /** When the tokens of members run out. */
  expiries: Deadlines;
  logger: Logger;
  metrics: Pick<SyncMetrics, 'joinRefused'>;
  config: SyncConfig;
};

export type SeatHooks = {
  /** The seat is empty: forget it. */
  onGone(address: Address): void;
  /** The whole socket has to go. */
  end(code: number, reason: string): void;
};
