// What can go wrong between a client and the API: the server said no, nobody answered, or the answer makes no sense.
import { Problem } from '@hakiri/contracts/problem';
import { Value } from '@sinclair/typebox/value';

/** The server answered with a problem. `problem.code` is stable; `problem.detail` says what to do next. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.detail);
    this.problem = problem;
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
  if (Value.Check(Problem, body)) return new ApiProblem(body);
  const { status, statusText } = response;
  return new ApiProblem({
    type: 'urn:hakiri:problem:http',
    title: statusText || `HTTP ${status}`,
    status,
    code: status === 404 ? 'not_found' : status === 503 ? 'unavailable' : 'http',
    detail: `${response.url} answered ${status}${statusText ? ` (${statusText})` : ''} without saying why.`,
  });
}

/** Undefined when the text is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
