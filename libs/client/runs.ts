// Schedules, the ledger of due ticks, runs; and the protocol with which a node works: claim, heartbeat, step, finish.
import {
  Claim,
  type ClaimBody,
  type FinishBody,
  HeartbeatReply,
  LedgerEntry,
  Run,
  RunDetail,
  type RunState,
  ScheduleInfo,
  type StepBody,
} from '@hakiri/contracts/scheduler';
import { type Static, Type } from '@sinclair/typebox';
import { bodyText, decodeAnswer, type Http } from './http.ts';

const ScheduleList = Type.Object({ schedules: Type.Array(ScheduleInfo) });
const Ledger = Type.Object({ entries: Type.Array(LedgerEntry) });
const RunList = Type.Object({ runs: Type.Array(Run) });

/** A claim is asked for with `waitS`: the answer may take that long and this more. */
const CLAIM_GRACE_MS = 10_000;

export type RunsClient = ReturnType<typeof createRuns>;
export type NodeClient = ReturnType<typeof createNodeProtocol>;

export function createRuns(http: Http) {
  return {
    async schedules(): Promise<Static<typeof ScheduleInfo>[]> {
      return (await http.call(ScheduleList, 'GET', '/v1/schedules')).schedules;
    },

    /** What became of due ticks, newest first. */
    async ledger(query: { pipeline?: string; limit?: number } = {}): Promise<Static<typeof LedgerEntry>[]> {
      return (await http.call(Ledger, 'GET', '/v1/schedules/ledger', { query })).entries;
    },

    /** Newest first. */
    async list(query: { pipeline?: string; state?: RunState; limit?: number } = {}): Promise<Run[]> {
      return (await http.call(RunList, 'GET', '/v1/runs', { query })).runs;
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
    async step(run: string, body: StepBody): Promise<void> {
      await http.send('POST', path(run, 'steps'), { body });
    },

    async finish(run: string, body: FinishBody): Promise<void> {
      await http.send('POST', path(run, 'finish'), { body });
    },
  };
}
