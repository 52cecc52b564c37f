// What an operator asks of sync: who is here, what it costs, what was refused and why.
import type { Metrics } from '@hakiri/service/metrics';

export type SyncMetrics = ReturnType<typeof createSyncMetrics>;

/** What is looked up when somebody asks, and costs nothing until then. */
export type MetricSources = {
  documents(): { held: number; full: number; awake: number; rooms: number; backlogBytes: number };
  commands(): number;
  memory(): { worker: number; bytes: number }[];
};

export function createSyncMetrics(metrics: Metrics) {
  const totals = { edits: 0, groups: 0, entries: 0, update: 0, in: 0, out: 0 };
  metrics.counter('edits_total', 'Updates taken into documents', [], (add) => add(totals.edits));
  metrics.counter('bytes_total', 'Bytes of frames', ['direction'], (add) => {
    for (const direction of ['update', 'in', 'out'] as const) add(totals[direction], { direction });
  });
  const refusals = metrics.counter('refusals_total', 'Updates refused', ['reason']);
  const joins = metrics.counter('joins_total', 'Joins of documents', ['kind']);
  const cutOffs = metrics.counter('cut_offs_total', 'Sockets closed by the server', ['reason']);
  metrics.counter('commit_groups_total', 'Group commits to the log', [], (add) => add(totals.groups));
  metrics.counter('commit_entries_total', 'Entries in them', [], (add) => add(totals.entries));
  const broken = metrics.counter('quarantined_total', 'Updates at which Loro failed');
  const sleeps = metrics.counter('sleeps_total', 'Documents that left memory while they were held');
  const lost = metrics.counter('workers_lost_total', 'Workers that trapped, hung or died');
  const undetected = metrics.counter(
    'conflicts_undetected_total',
    'Updates whose conflicts were not looked for',
    ['reason'],
  );
  const notices = metrics.counter('notices_total', 'Conflict notices', ['kind']);
  const ackLatency = metrics.latency('ack_latency_seconds', 'From an update to its durable acknowledgement');
  const loadLatency = metrics.latency('load_seconds', 'Loading a document from its log');
  const compactions = metrics.counter('history_compactions_total', 'Compactions of a document’s history');
  const rescues = metrics.counter('rescues_total', 'Work handed in from before the kept history', [
    'outcome',
  ]);
  const rescueFailures = metrics.counter(
    'rescue_failures_total',
    'Work handed in that could not be rebased for an error',
  );
  const notKept = metrics.counter('log_keeping_failures_total', 'Bases and compactions that failed', [
    'event',
  ]);
  const refusedJoins = metrics.counter('join_refusals_total', 'Joins refused', ['code']);
  const moves = metrics.counter('moves_total', 'Documents that went to another worker', ['reason']);
  const recycled = metrics.counter('workers_recycled_total', 'Workers that kept memory for nothing');
  const cooled = metrics.counter('users_cooled_total', 'Users refused for a while after too many faults');
  const refusedDocuments = metrics.counter(
    'documents_refused_total',
    'Documents refused for a while, as their opening ended workers again and again',
  );
  const stops = metrics.counter('document_stops_total', 'Documents that a failure ended', ['reason']);
  let sources: MetricSources | undefined;
  const read = (name: string, help: string, value: (from: MetricSources) => number): void => {
    metrics.gauge(name, help, [], (set) => sources !== undefined && set(value(sources)));
  };
  read('documents', 'Documents that are held', ({ documents }) => documents().held);
  read('documents_awake', 'Of them in memory', ({ documents }) => documents().awake);
  read('documents_full', 'Documents whose log had no room a minute ago', ({ documents }) => documents().full);
  read('documents_asleep', 'Of them out of memory', ({ documents }) => documents().held - documents().awake);
  read('rooms', 'Documents that somebody edits or reads', ({ documents }) => documents().rooms);
  read('log_backlog_bytes', 'Taken and not durable yet', ({ documents }) => documents().backlogBytes);
  read('queue_depth', 'Commands that wait for their worker', ({ commands }) => commands());
  metrics.gauge('worker_memory_bytes', 'Wasm memory of a worker', ['worker'], (set) => {
    for (const { worker, bytes } of sources?.memory() ?? []) set(bytes, { worker: `${worker}` });
  });
  return {
    /** Once. */
    watch: (from: MetricSources) => {
      sources = from;
    },
    joinRefused: (code: string) => refusedJoins.inc({ code }),
    moved: (reason: string) => moves.inc({ reason }),
    workerRecycled: () => recycled.inc(),
    stopped: (reason: string) => stops.inc({ reason }),
    userCooled: () => cooled.inc(),
    documentRefused: () => refusedDocuments.inc(),
    historyCompacted: () => compactions.inc(),
    rescued: (outcome: string) => rescues.inc({ outcome }),
    rescueFailed: () => rescueFailures.inc(),
    logNotKept: (event: string) => notKept.inc({ event }),
    edited: (updateBytes: number) => {
      totals.edits += 1;
      totals.update += updateBytes;
    },
    refused: (reason: string) => refusals.inc({ reason }),
    acknowledged: (latencyMs: number) => ackLatency.observe(latencyMs / 1000),
    joined: (kind: string) => joins.inc({ kind }),
    received: (frameBytes: number) => {
      totals.in += frameBytes;
    },
    sent: (frameBytes: number) => {
      totals.out += frameBytes;
    },
    cutOff: (reason: string) => cutOffs.inc({ reason }),
    stored: (count: number) => {
      totals.groups += 1;
      totals.entries += count;
    },
    quarantined: () => broken.inc(),
    loaded: (latencyMs: number) => loadLatency.observe(latencyMs / 1000),
    sockets: metrics.gauge('sockets', 'Open sockets'),
    members: metrics.gauge('members', 'Memberships of rooms'),
    undetected: (reason: string) => undetected.inc({ reason }),
    noticed: (kind: string) => notices.inc({ kind }),
    slept: () => sleeps.inc(),
    workerLost: () => lost.inc(),
    workers: metrics.gauge('workers', 'Threads that hold documents'),
  };
}
