// What can go wrong between a client and the API: the server said no, nobody answered, or the answer makes no sense.
import { Problem } from '@hakiri/contracts/problem';
import { Check } from '@sinclair/typebox/value';

/** The server answered with a problem. `problem.code` is stable; `problem.detail` says what to do next. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly problem: Problem;
  /** The server asked for so much patience. */
  readonly retryAfterMs: number | undefined;
  constructor(problem: Problem, retryAfterMs?: number) {
    super(problem.detail);
    this.problem = problem;
    this.retryAfterMs = retryAfterMs;
  }
}

/** The server decided not to let us in. `code` is a problem code such as `denied`. */
export class JoinRefused extends Error {
  override readonly name = 'JoinRefused';
  readonly code: string;
  constructor(code: string) {
    super(`The server does not let us into the document: ${code}.`);
    this.code = code;
  }
}

/** No answer: the server is not there, or the network is not. The request may or may not have arrived. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
}

/** An answer that does not fit its contract: another version of the server, or something that is not hakiri-control. */
export class UnexpectedAnswer extends Error {
  override readonly name = 'UnexpectedAnswer';
}

/** The problem that an answer other than 2xx carries. Gateways in between answer with whatever they like. */
export async function problemOf(response: Response): Promise<ApiProblem> {
  const text = await response.text().catch(() => '');
  const body = parseJson(text);
  const retryAfterMs = retryAfterOf(response);
  if (Check(Problem, body)) return new ApiProblem(body, retryAfterMs);
  const { status, statusText } = response;
  const problem = {
    type: 'urn:hakiri:problem:http',
    title: statusText || `HTTP ${status}`,
    status,
    code: status === 404 ? 'not_found' : status === 503 ? 'unavailable' : 'http',
    detail: `${response.url} answered ${status}${statusText ? ` (${statusText})` : ''} without saying why.`,
  };
  return new ApiProblem(problem, retryAfterMs);
}

/** Nobody is sent away for longer, whatever a gateway says. */
const RETRY_AFTER_LIMIT_MS = 15 * 60_000;

/** In seconds or as a date (RFC 9110). */
function retryAfterOf({ headers }: Response): number | undefined {
  const text = headers.get('retry-after');
  if (text === null || text === '') return undefined;
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), RETRY_AFTER_LIMIT_MS);
}

/** Undefined when the text is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
