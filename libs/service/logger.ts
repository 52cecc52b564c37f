// Structured logs: an event name and fields, one JSON line each on standard error. Never a token, never a body.
import pino from 'pino';

export type LogFields = Record<string, unknown>;
export interface Logger {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
  child(fields: LogFields): Logger;
}

export const LOG_LEVELS = ['silent', 'error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export function createLogger(level: LogLevel): Logger {
  return wrap(
    pino(
      { level, base: null, messageKey: 'event', formatters: { level: (label) => ({ level: label }) } },
      pino.destination({ dest: 2, sync: true }),
    ),
  );
}

function wrap(target: pino.Logger): Logger {
  return {
    debug: (event, fields = {}) => target.debug(fields, event),
    info: (event, fields = {}) => target.info(fields, event),
    warn: (event, fields = {}) => target.warn(fields, event),
    error: (event, fields = {}) => target.error(fields, event),
    child: (fields) => wrap(target.child(fields)),
  };
}

export const silentLogger: Logger = createLogger('silent');

/** An error as log fields, with what caused it. */
export function errorFields(error: unknown): LogFields {
  if (!(error instanceof Error)) return { error: String(error) };
  return {
    error: error.message,
    name: error.name,
    ...(error.cause ? { cause: String(error.cause) } : {}),
    stack: error.stack,
  };
}
