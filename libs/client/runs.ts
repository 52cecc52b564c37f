// Schedules, the ledger of due ticks, runs; and the protocol with which a node works: claim, heartbeat, step, finish.
import {
  Claim,
  type ClaimBody,
  type FinishBody,
  HeartbeatReply,
  LedgerPage,
  type ListQuery,
  NodePage,
  type PipelineListQuery,
  Run,
  RunDetail,
  type RunListQuery,
  RunPage,
  SchedulePage,
  type StepBody,
} from '@hakiri/contracts/scheduler';
import type { Static } from '@sinclair/typebox';
import { bodyText, decodeAnswer, type Http } from './http.ts';

/** A claim is asked for with `waitS`: the answer may take that long and this more. */
const CLAIM_GRACE_MS = 10_000;

export type NodeClient = ReturnType<typeof createNodeProtocol>;

export function createRuns(http: Http) {
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

    /** Starts a run of an applied pipeline now, beside its schedule. */
    start(pipeline: string): Promise<Run> {
      return http.call(Run, 'POST', '/v1/runs', { body: { pipeline } });
    },

    cancel(id: string): Promise<Run> {
      return http.call(Run, 'POST', `/v1/runs/${encodeURIComponent(id)}/cancel`);
    },

    /** A new run of the same pipeline for a run that has ended. */
    retry(id: string): Promise<Run> {
      return http.call(Run, 'POST', `/v1/runs/${encodeURIComponent(id)}/retry`);
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

    finish(run: string, body: FinishBody): Promise<Run> {
      return http.call(Run, 'POST', path(run, 'finish'), { body });
    },
  };
}
