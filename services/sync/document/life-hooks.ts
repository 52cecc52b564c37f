// What a document's life in memory is given, and what it tells the document.
import type { Version } from '@hakiri/config-doc/version';
import type { HeldPeer, Reply, Snapshot } from '../host/protocol.ts';
import type { Hosting, HostPool } from '../pool/host-pool.ts';
import type { LogKeeperDeps } from './log-keeper.ts';
import type { AppliedNote } from './record.ts';

export type LifeDeps = LogKeeperDeps & { pool: HostPool };

export type LifeHooks = {
  /** The log was read, and the host has it. Before anything that waited is performed. */
  onAwake(opened: Reply<'open'>, isNew: boolean): void;
  onAsleep(): void;
  /** What lies in the log that was read, for who has nothing. Undefined: what was said before is over, as it is opened anew. */
  onSnapshot(snapshot: (() => Snapshot | undefined) | undefined): void;
  /** The last applied revision. */
  applied(): AppliedNote | undefined;
  /** Whatever is to be looked at for conflicts was. */
  looked(): Promise<void>;
  /** The same, of a document that goes to sleep. False: not now, but when it is opened again. */
  lookIn(hosting: Hosting): Promise<boolean>;
  /** What the document holds, as far as was answered. */
  counters(): Version;
  /** Who writes under which peer id: the host knows it no more when it opens the document anew. */
  holders(): HeldPeer[];
  /** The host wrote this, as it goes to sleep: to be submitted. */
  onSealed(sealed: Reply<'seal'>): void;
  /** It takes nothing any more. */
  onStopped(error: unknown): void;
};
