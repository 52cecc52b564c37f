// Every bound of sync in one frozen object, with its unit in its name. An operator changes the few that have a setting;
// tests make the others small.
import { type Environment, integerSetting } from '@hakiri/service/config';
import type { BucketRate } from '@hakiri/service/token-bucket';
import { ENTRY_LIMIT_BYTES } from '@hakiri/substrate/document-log';
import type { FullLimits } from './document/full-documents.ts';
import type { UnwrittenLimits } from './document/unwritten.ts';
import { HISTORY_POLICY, type HistoryPolicy } from './history/archives.ts';
import type { RescueLimits } from './http/rescue-gate.ts';
import type { FaultLimits } from './pool/faults.ts';
import type { PlacementLimits } from './pool/placement.ts';

export type UpdateLimits = {
  /** One update, put together from its fragments. It has to fit into one entry of the log, with its header. */
  bytes: number;
  /** Operations in one update. A transform's body of the longest allowed length may be pasted at once. */
  counters: number;
  /** Updates in one frame. */
  perFrame: number;
};

/** What came of clients and may wait in a document for operations that it lacks. Past either it is loaded anew, without. */
export type PendingLimits = { bytes: number; counters: number };

export type FragmentLimits = {
  /** Batches that one socket may have open at once. */
  batches: number;
  /** All of a socket's open batches together. */
  bytes: number;
  /** Fragments in one batch. */
  count: number;
  /** From the header to the last fragment. */
  timeoutMs: number;
};

export type PresenceLimits = {
  ttlMs: number;
  keysPerSocket: number;
  keys: number;
  keyBytes: number;
  /** What one frame may say. A stock client says all it has heard when it joins. */
  frameBytes: number;
  frameEntries: number;
  rate: BucketRate;
};

export type SyncConfig = Readonly<{
  sockets: number;
  roomsPerSocket: number;
  /** A socket that is in no room after this time is closed. */
  roomlessMs: number;
  /** Frames that wait for a join to be decided, for each room of a socket. */
  heldBytes: number;
  /** What waits for one peer to read it, catching up apart. */
  queueBytes: number;
  /** What may still wait of earlier catch-ups when a peer joins again. */
  catchUpBytes: number;
  /** A peer that reads nothing for this long while something waits is cut off. */
  stallMs: number;
  /** From an expired token or a suggestion to rejoin until the socket leaves the room. */
  rejoinMs: number;
  /** A join that something passing is in the way of is tried again so often, for so long. */
  passing: { retryMs: number; patienceMs: number };
  frames: BucketRate;
  update: UpdateLimits;
  pending: PendingLimits;
  fragments: FragmentLimits;
  presence: PresenceLimits;
  /** What may be handed in for rescue and not be answered yet. */
  rescues: RescueLimits;
  /** Updates of a document that wait for the disk. */
  backlogBytes: number;
  /** Base and entries of one document. */
  documentBytes: number;
  /** A client that misses more operations than this gets a snapshot instead of a delta. */
  deltaCounters: number;
  /** The log is compacted when its entries exceed either. */
  compactEntries: number;
  compactBytes: number;
  /** A document without members leaves memory after this time. */
  unloadMs: number;
  /** A document that nobody touches leaves memory after this time, while its sockets stay. */
  sleepMs: number;
  /** Held at once, in memory or asleep. */
  documents: number;
  /** Of them in memory at once: the one used longest ago goes to sleep first. */
  documentsAwake: number;
  /** Of them those that nobody has written to since they were opened, as is with most that people only have on screen. */
  unwritten: UnwrittenLimits;
  /** Threads that documents share. */
  workers: number;
  /** Which documents have a worker of their own, and how much memory all workers may have. */
  placement: PlacementLimits;
  /** How often one user, or one document, may make others start anew. */
  faults: FaultLimits;
  /** A worker that answers nothing for this long is taken to hang. */
  workerStallMs: number;
  /** The scratch host ends when it had nothing to do for this long. */
  scratchIdleMs: number;
  /** How much history is kept in memory, and how long archives of the rest are. */
  history: HistoryPolicy;
  /** When a document whose log has no room is opened again. */
  full: FullLimits;
  /** That a team may have, in memory or not. */
  documentsPerTeam: number;
  /**
   * What people alone read is published when nobody went on editing such a thing for this long, and at the latest so long after
   * the first edit: a document where somebody always does publishes, too.
   */
  restMs: number;
  restLimitMs: number;
  /** How long a request over the bus waits for a version that has not arrived yet. */
  versionWaitMs: number;
}>;

const DAY_MS = 24 * 60 * 60 * 1000;
const KIB = 1024;
const MIB = 1024 * KIB;
/** What record.ts puts before an update, and a margin. */
const RECORD_HEADER_BYTES = 1 * KIB;

/** Peer ids that old work is written under are leased to the user as to a device: each costs every join for ever. */
export const RESCUE_DEVICE = 'rescued-work';
/**
 * What is handed in for rescue holds all that is unsent, also what was taken in by the hand-in before: so many times the bounds
 * of an update. What is new in it has those of one.
 */
export const RESCUE_UPDATES = 16;

export const DEFAULTS: SyncConfig = Object.freeze({
  sockets: 10_000,
  roomsPerSocket: 64,
  roomlessMs: 30_000,
  heldBytes: 1 * MIB,
  queueBytes: 4 * MIB,
  catchUpBytes: 64 * MIB,
  stallMs: 15_000,
  rejoinMs: 10_000,
  passing: { retryMs: 1_000, patienceMs: 5_000 },
  full: { pauseMs: 10_000, rememberMs: 60_000 },
  frames: { capacity: 10_000, perSecond: 5_000 },
  update: { bytes: ENTRY_LIMIT_BYTES - RECORD_HEADER_BYTES, counters: 70_000, perFrame: 256 },
  pending: { bytes: 64 * KIB, counters: 8_000 },
  fragments: { batches: 8, bytes: 2 * MIB, count: 64, timeoutMs: 10_000 },
  presence: {
    ttlMs: 60_000,
    keysPerSocket: 16,
    keys: 2_000,
    keyBytes: 200,
    frameBytes: 16 * KIB,
    frameEntries: 256,
    rate: { capacity: 240, perSecond: 120 },
  },
  rescues: { openPerUser: 2, openBytes: 64 * MIB },
  backlogBytes: 8 * MIB,
  documentBytes: 256 * MIB,
  deltaCounters: 20_000,
  compactEntries: 10_000,
  compactBytes: 8 * MIB,
  unloadMs: 60_000,
  sleepMs: 60_000,
  documents: 10_000,
  documentsAwake: 1_000,
  unwritten: { count: 64, restMs: 2_000 },
  workers: 1,
  placement: {
    memoryBytes: 1_024 * MIB,
    ownBytes: 16 * MIB,
    slowMs: 250,
    slowTotalMs: 1_000,
    slowWindowMs: 60_000,
    ownWorkers: 2,
    recycleBytes: 64 * MIB,
    recycleAgeMs: 60_000,
    pressurePauseMs: 5_000,
  },
  faults: {
    user: { capacity: 12, perSecond: 12 / 600 },
    document: { capacity: 24, perSecond: 24 / 600 },
    coolMs: 600_000,
    remembered: 10_000,
  },
  workerStallMs: 30_000,
  scratchIdleMs: 10_000,
  history: HISTORY_POLICY,
  documentsPerTeam: 200,
  restMs: 5_000,
  restLimitMs: 60_000,
  versionWaitMs: 2_000,
});

export function readConfig(env: Environment): SyncConfig {
  return Object.freeze({
    ...DEFAULTS,
    sockets: integerSetting(env, 'HAKIRI_SYNC_SOCKETS', {
      fallback: DEFAULTS.sockets,
      min: 1,
      max: 1_000_000,
    }),
    documents: integerSetting(env, 'HAKIRI_SYNC_DOCUMENTS', {
      fallback: DEFAULTS.documents,
      min: 1,
      max: 100_000,
    }),
    documentsPerTeam: integerSetting(env, 'HAKIRI_SYNC_DOCUMENTS_PER_TEAM', {
      fallback: DEFAULTS.documentsPerTeam,
      min: 1,
      max: 10_000,
    }),
    unloadMs: integerSetting(env, 'HAKIRI_SYNC_UNLOAD_MS', {
      fallback: DEFAULTS.unloadMs,
      min: 100,
      max: 86_400_000,
    }),
    sleepMs: integerSetting(env, 'HAKIRI_SYNC_SLEEP_MS', {
      fallback: DEFAULTS.sleepMs,
      min: 100,
      max: 86_400_000,
    }),
    documentsAwake: integerSetting(env, 'HAKIRI_SYNC_DOCUMENTS_AWAKE', {
      fallback: DEFAULTS.documentsAwake,
      min: 1,
      max: 100_000,
    }),
    unwritten: {
      ...DEFAULTS.unwritten,
      count: integerSetting(env, 'HAKIRI_SYNC_DOCUMENTS_UNWRITTEN', {
        fallback: DEFAULTS.unwritten.count,
        min: 1,
        max: 100_000,
      }),
    },
    workers: integerSetting(env, 'HAKIRI_SYNC_WORKERS', { fallback: DEFAULTS.workers, min: 1, max: 64 }),
    placement: {
      ...DEFAULTS.placement,
      memoryBytes:
        MIB *
        integerSetting(env, 'HAKIRI_SYNC_MEMORY_MIB', {
          fallback: DEFAULTS.placement.memoryBytes / MIB,
          min: 64,
          max: 65_536,
        }),
    },
    history: {
      ...DEFAULTS.history,
      historyMs: DAY_MS * integerSetting(env, 'HAKIRI_SYNC_HISTORY_DAYS', { fallback: 7, min: 1, max: 3650 }),
      archivesMs:
        DAY_MS * integerSetting(env, 'HAKIRI_SYNC_ARCHIVE_DAYS', { fallback: 30, min: 1, max: 3650 }),
    },
    restMs: integerSetting(env, 'HAKIRI_SYNC_REST_MS', { fallback: DEFAULTS.restMs, min: 0, max: 3_600_000 }),
    restLimitMs: integerSetting(env, 'HAKIRI_SYNC_REST_LIMIT_MS', {
      fallback: DEFAULTS.restLimitMs,
      min: 0,
      max: 86_400_000,
    }),
    compactEntries: integerSetting(env, 'HAKIRI_SYNC_COMPACT_ENTRIES', {
      fallback: DEFAULTS.compactEntries,
      min: 1,
      max: 1_000_000,
    }),
  });
}
