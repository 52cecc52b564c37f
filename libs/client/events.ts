// "Manifest applied" as an async iterable: server-sent events read with fetch (so that a token can be sent), resumed behind
// the last event seen whenever the connection breaks.
import { APPLIED_EVENT, AppliedData } from '@hakiri/contracts/apply';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { ApiProblem, Unreachable } from './errors.ts';
import { decodeAnswer, type Http } from './http.ts';
import { backoffMs, pause } from './wait.ts';

export type EventOptions = {
  /** The sequence of the last revision already known: later ones are sent first. */
  after?: number;
  signal?: AbortSignal;
  /** True while connected. */
  onConnection?: (connected: boolean) => void;
};

/** Without a byte for so long (the server sends comments more often) a connection counts as lost. */
const EVENTS_SILENCE_LIMIT_MS = 60_000;

/** @throws ApiProblem when the server refuses (not when it is unavailable). */
export async function* appliedEvents(http: Http, options: EventOptions): AsyncGenerator<AppliedData, void> {
  const { signal } = options;
  let lastId = options.after === undefined ? undefined : String(options.after);
  for (let attempt = 0; !signal?.aborted; attempt++) {
    try {
      for await (const message of connection(http, lastId, options)) {
        attempt = 0;
        lastId = message.id ?? lastId;
        if (message.event === APPLIED_EVENT)
          yield decodeAnswer(AppliedData, message.data, 'the applied event');
      }
    } catch (error) {
      if (signal?.aborted) return;
      const refused =
        error instanceof ApiProblem && error.problem.status < 500 && error.problem.status !== 429;
      if (refused || !(error instanceof ApiProblem || error instanceof Unreachable)) throw error;
    } finally {
      options.onConnection?.(false);
    }
    await pause(backoffMs(attempt), signal);
  }
}

async function* connection(
  http: Http,
  lastId: string | undefined,
  options: EventOptions,
): AsyncGenerator<EventSourceMessage, void> {
  const headers: Record<string, string> = { accept: 'text/event-stream' };
  if (lastId !== undefined) headers['last-event-id'] = lastId;
  const response = await http.send('GET', '/v1/manifest/events', { headers, signal: options.signal });
  const reader = response.body?.getReader();
  if (!reader) throw new Unreachable('The event stream has no body.');
  options.onConnection?.(true);
  const arrived: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (message) => arrived.push(message) });
  const decoder = new TextDecoder();
  try {
    for (;;) {
      const { done, value } = await withinSilence(reader.read());
      if (done) return;
      parser.feed(decoder.decode(value, { stream: true }));
      yield* arrived.splice(0);
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

async function withinSilence<Result>(read: Promise<Result>): Promise<Result> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Unreachable('The event stream fell silent.')),
      EVENTS_SILENCE_LIMIT_MS,
    );
  });
  try {
    return await Promise.race([read, silence]);
  } catch (cause) {
    throw cause instanceof Unreachable ? cause : new Unreachable('The event stream broke.', { cause });
  } finally {
    clearTimeout(timer);
  }
}
