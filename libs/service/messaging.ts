// The bus with types: declared messages in, envelopes on the wire, decoded data out. A malformed message is logged and
// ended, never retried: it will not get better.
import { type Actor, type Envelope, encodeEnvelope, type Written } from '@hakiri/contracts/envelope';
import type { DurableMessage, EventMessage, RequestMessage, SubjectScope } from '@hakiri/contracts/message';
import {
  type Bus,
  BusError,
  type ConsumeOptions,
  type Subscription,
  type Verdict,
} from '@hakiri/substrate/bus';
import type { Clock } from '@hakiri/substrate/clock';
import type { Random } from '@hakiri/substrate/random';
import type { Static, TSchema } from '@sinclair/typebox';
import { errorFields, type Logger } from './logger.ts';
import { newTrace } from './trace.ts';

/** On whose behalf, and in which trace. `id` is given when a retry must be recognised as one. */
export type Cause = { actor: Actor; traceparent?: string; id?: string };

export type Messaging = ReturnType<typeof createMessaging>;

export function createMessaging(deps: { bus: Bus; clock: Clock; random: Random; logger: Logger }) {
  const { bus, clock, random, logger } = deps;

  function seal<Data>(team: string, cause: Cause, data: Data): Envelope<Data> {
    const now = clock.now();
    return {
      id: cause.id ?? random.ulid(now),
      v: 1,
      at: new Date(now).toISOString(),
      actor: cause.actor,
      team,
      traceparent: cause.traceparent ?? newTrace(random),
      data,
    };
  }

  return {
    seal,

    publish<D extends TSchema>(
      message: EventMessage<D>,
      scope: SubjectScope,
      cause: Cause,
      data: Static<D>,
    ): void {
      bus.publish(message.subject(scope), encodeEnvelope(seal(scope.team, cause, data)));
    },

    async enqueue<D extends TSchema>(
      message: DurableMessage<D>,
      scope: SubjectScope,
      cause: Cause,
      data: Static<D>,
    ): Promise<void> {
      const envelope = seal(scope.team, cause, data);
      await bus.enqueue(message.subject(scope), envelope.id, encodeEnvelope(envelope));
    },

    /** @throws BusError; a reply that does not fit its schema counts as `unavailable`. */
    async request<D extends TSchema, R extends TSchema>(
      message: RequestMessage<D, R>,
      scope: SubjectScope,
      cause: Cause,
      data: Static<D>,
      timeoutMs: number,
    ): Promise<Static<R>> {
      const reply = await bus.request(message.subject(scope), encodeEnvelope(seal(scope.team, cause, data)), {
        timeoutMs,
      });
      const opened = message.decodeReply(reply);
      if (opened.kind === 'malformed') throw new BusError('unavailable', `malformed reply: ${opened.reason}`);
      return opened.envelope.data;
    },

    subscribe<D extends TSchema>(
      message: EventMessage<D> | DurableMessage<D>,
      handler: (envelope: Envelope<Static<D>>) => void,
    ): Subscription {
      return bus.subscribe(message.pattern, ({ subject, data }) => {
        const opened = message.decode(data);
        if (opened.kind === 'malformed') logger.warn('message_malformed', { subject, reason: opened.reason });
        else handler(opened.envelope);
      });
    },

    respond<D extends TSchema, R extends TSchema>(
      message: RequestMessage<D, R>,
      group: string,
      service: string,
      handler: (envelope: Envelope<Static<D>>, subject: string) => Promise<Static<R> | Written>,
    ): Subscription {
      return bus.respond(
        message.pattern,
        async ({ subject, data }) => {
          const opened = message.decode(data);
          if (opened.kind === 'malformed') {
            logger.warn('message_malformed', { subject, reason: opened.reason });
            throw new BusError('unavailable', opened.reason);
          }
          const { envelope } = opened;
          try {
            const reply = await handler(envelope, subject);
            const cause: Cause = {
              actor: { kind: 'service', id: service },
              traceparent: envelope.traceparent,
            };
            return encodeEnvelope(seal(envelope.team, cause, reply));
          } catch (error) {
            logger.error('respond_failed', { subject, ...errorFields(error) });
            throw error;
          }
        },
        { group },
      );
    },

    consume<D extends TSchema>(
      message: DurableMessage<D>,
      options: ConsumeOptions,
      handler: (envelope: Envelope<Static<D>>, deliveries: number) => Promise<Verdict>,
    ): Promise<Subscription> {
      return bus.consume(message.pattern, options, async ({ subject, data, deliveries }) => {
        const opened = message.decode(data);
        if (opened.kind === 'malformed') {
          logger.error('message_malformed', { subject, reason: opened.reason });
          return { kind: 'terminate', reason: opened.reason };
        }
        return handler(opened.envelope, deliveries);
      });
    },
  };
}
