// What a document's life in memory is given, and what it tells the document.
import type { Version } from '@hakiri/config-doc/version';
import type { Input, Reply } from './host/protocol.ts';
import type { HostPool } from './host-pool.ts';
import type { LogKeeperDeps } from './log-keeper.ts';

export type LifeDeps = LogKeeperDeps & { pool: HostPool };

export type LifeHooks = {
  /** The log was read, and the host has it. Before anything that waited is performed. */
  onAwake(opened: Reply<'open'>, isNew: boolean): void;
  onAsleep(): void;
  /** What a base has to carry beside what the host knows. */
  notes(): Pick<Input<'base'>, 'applied' | 'notices'>;
  /** What the document holds, as far as was answered. */
  counters(): Version;
  /** The host wrote this, as it goes to sleep: to be submitted. */
  onSealed(sealed: Reply<'seal'>): void;
  /** It takes nothing any more. */
  onStopped(error: unknown): void;
};
