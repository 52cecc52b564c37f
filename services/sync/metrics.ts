// What an operator asks of sync: who is here, what it costs, what was refused and why.
import type { Metrics } from '@hakiri/service/metrics';

export type SyncMetrics = ReturnType<typeof createSyncMetrics>;

export function createSyncMetrics(metrics: Metrics) {
  const edits = metrics.counter('edits_total', 'Updates taken into documents');
  const bytes = metrics.counter('bytes_total', 'Bytes of frames', ['direction']);
  const refusals = metrics.counter('refusals_total', 'Updates refused', ['reason']);
  const joins = metrics.counter('joins_total', 'Joins of documents', ['kind']);
  const cutOffs = metrics.counter('cut_offs_total', 'Sockets closed by the server', ['reason']);
  const groups = metrics.counter('commit_groups_total', 'Group commits to the log');
  const entries = metrics.counter('commit_entries_total', 'Entries in them');
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
  const notKept = metrics.counter('log_keeping_failures_total', 'Bases and compactions that failed', [
    'event',
  ]);
  return {
    historyCompacted: () => compactions.inc(),
    rescued: (outcome: string) => rescues.inc({ outcome }),
    logNotKept: (event: string) => notKept.inc({ event }),
    edited: (updateBytes: number) => {
      edits.inc();
      bytes.inc({ direction: 'update' }, updateBytes);
    },
    refused: (reason: string) => refusals.inc({ reason }),
    acknowledged: (latencyMs: number) => ackLatency.observe(latencyMs / 1000),
    joined: (kind: string) => joins.inc({ kind }),
    received: (frameBytes: number) => bytes.inc({ direction: 'in' }, frameBytes),
    sent: (frameBytes: number) => bytes.inc({ direction: 'out' }, frameBytes),
    cutOff: (reason: string) => cutOffs.inc({ reason }),
    stored: (count: number) => {
      groups.inc();
      entries.inc(count);
    },
    quarantined: () => broken.inc(),
    loaded: (latencyMs: number) => loadLatency.observe(latencyMs / 1000),
    sockets: metrics.gauge('sockets', 'Open sockets'),
    members: metrics.gauge('members', 'Memberships of rooms'),
    undetected: (reason: string) => undetected.inc({ reason }),
    noticed: (kind: string) => notices.inc({ kind }),
    slept: () => sleeps.inc(),
    workerLost: () => lost.inc(),
    workers: metrics.gauge('workers', 'Threads that documents share'),
    documents: metrics.gauge('documents', 'Documents that are held'),
    awake: metrics.gauge('documents_awake', 'Documents in memory'),
  };
}
