// Schedules, the ledger of due ticks, runs; and the protocol with which a node works: claim, heartbeat, step, log, finish.
import { randomId } from '@hakiri/base/random-id';
import { IDEMPOTENCY_HEADER } from '@hakiri/contracts/apply';
import {
  Claim,
  type ClaimBody,
  type FinishBody,
  HeartbeatReply,
  LedgerPage,
  type ListQuery,
  type LogBody,
  LogReply,
  NodePage,
  type PipelineListQuery,
  Run,
  RunDetail,
  type RunListQuery,
  type RunLogLine,
  RunLogPage,
  type RunLogQuery,
  RunPage,
  SchedulePage,
  type StepBody,
} from '@hakiri/contracts/scheduler';
import type { Static } from '@sinclair/typebox';
import { bodyText, decodeAnswer, type Http } from './http.ts';
import { repeated } from './repeated.ts';

/** A claim is asked for with `waitS`: the answer may take that long and this more. */
const CLAIM_GRACE_MS = 10_000;

/** Without one each call asks for a run of its own. */
type Keyed = { key?: string };
export type NodeClient = ReturnType<typeof createNodeProtocol>;

export function createRuns(http: Http) {
  const logs = (id: string, query: RunLogQuery = {}): Promise<RunLogPage> =>
    http.call(RunLogPage, 'GET', `/v1/runs/${encodeURIComponent(id)}/logs`, { query });
  return {
    /** By pipeline. */
    schedules(query: ListQuery = {}): Promise<SchedulePage> {
      return http.call(SchedulePage, 'GET', '/v1/schedules', { query });
    },

    /** What became of due ticks, newest first. */
    ledger(query: PipelineListQuery = {}): Promise<LedgerPage> {
      return http.call(LedgerPage, 'GET', '/v1/schedules/ledger', { query });
    },

    /** Newest first. */
    list(query: RunListQuery = {}): Promise<RunPage> {
      return http.call(RunPage, 'GET', '/v1/runs', { query });
    },

    nodes(query: ListQuery = {}): Promise<NodePage> {
      return http.call(NodePage, 'GET', '/v1/nodes', { query });
    },

    show(id: string): Promise<Static<typeof RunDetail>> {
      return http.call(RunDetail, 'GET', `/v1/runs/${encodeURIComponent(id)}`);
    },

    /** A page of what its nodes said, in the order in which it came. */
    logs,

    /** All of it that came after line `after`, page by page; the state is from before the last page was read. */
    async logsSince(id: string, after = 0): Promise<{ lines: RunLogLine[]; state: RunLogPage['state'] }> {
      const lines: RunLogLine[] = [];
      let next: number | undefined = after;
      for (;;) {
        const page: RunLogPage = await logs(id, { after: next });
        lines.push(...page.lines);
        next = page.next;
        if (next === undefined) return { lines, state: page.state };
      }
    },

    /** Starts a run of an applied pipeline now, beside its schedule; one, however often it is asked for under `key`. */
    start(pipeline: string, options: Keyed = {}): Promise<Run> {
      const headers = { [IDEMPOTENCY_HEADER]: options.key ?? randomId() };
      return repeated(() => http.call(Run, 'POST', '/v1/runs', { body: { pipeline }, headers }));
    },

    cancel(id: string): Promise<Run> {
      return http.call(Run, 'POST', `/v1/runs/${encodeURIComponent(id)}/cancel`);
    },

    /** A new run of the same pipeline for a run that has ended; one, as above. */
    retry(id: string, options: Keyed = {}): Promise<Run> {
      const headers = { [IDEMPOTENCY_HEADER]: options.key ?? randomId() };
      return repeated(() => http.call(Run, 'POST', `/v1/runs/${encodeURIComponent(id)}/retry`, { headers }));
    },

    node: createNodeProtocol(http),
  };
}

/** Of a node with a token of role `node`. A `stale_claim` problem means: stop at once, another node has the run. */
export function createNodeProtocol(http: Http) {
  const path = (run: string, verb: string): string => `/v1/runs/${encodeURIComponent(run)}/${verb}`;
  return {
    /** Waits up to `body.waitS` on the server; undefined when there was nothing to do. */
    async claim(body: ClaimBody, signal?: AbortSignal): Promise<Claim | undefined> {
      const timeoutMs = body.waitS * 1000 + CLAIM_GRACE_MS;
      const response = await http.send('POST', '/v1/nodes/claim', { body, signal, timeoutMs });
      return response.status === 204 ? undefined : decodeAnswer(Claim, await bodyText(response), 'a claim');
    },

    heartbeat(run: string, fence: number): Promise<Static<typeof HeartbeatReply>> {
      return http.call(HeartbeatReply, 'POST', path(run, 'heartbeat'), { body: { fence } });
    },

    /** A step's result, kept as a checkpoint. Repeating it changes nothing. */
    step(run: string, body: StepBody): Promise<Static<typeof HeartbeatReply>> {
      return http.call(HeartbeatReply, 'POST', path(run, 'steps'), { body });
    },

    /** Lines that the scheduler has already are passed over: a batch may be sent again. */
    log(run: string, body: LogBody): Promise<LogReply> {
      return http.call(LogReply, 'POST', path(run, 'logs'), { body });
    },

    finish(run: string, body: FinishBody): Promise<Run> {
      return http.call(Run, 'POST', path(run, 'finish'), { body });
    },
  };
}
