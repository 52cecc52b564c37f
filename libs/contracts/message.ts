// How a message is declared: its subject, the schema of its data and, for requests, of its reply. `subjects.ts` holds them all.
import type { Static, TSchema } from '@sinclair/typebox';
import { envelopeDecoder, type Opened, type Upgrade } from './envelope.ts';

export type SubjectScope = { team: string; doc?: string };

type Declared<Data extends TSchema> = {
  readonly schema: Data;
  /** The subject to send to. */
  subject(scope: SubjectScope): string;
  /** The pattern to listen on, for all teams. */
  readonly pattern: string;
  decode(bytes: Uint8Array): Opened<Static<Data>>;
};

/** At most once, to whoever listens now. */
export type EventMessage<Data extends TSchema = TSchema> = Declared<Data> & { readonly kind: 'event' };
/** Stored before it is acknowledged, redelivered until handled; the envelope's id drops repeats. */
export type DurableMessage<Data extends TSchema = TSchema> = Declared<Data> & { readonly kind: 'durable' };
export type RequestMessage<
  Data extends TSchema = TSchema,
  Reply extends TSchema = TSchema,
> = Declared<Data> & {
  readonly kind: 'request';
  readonly replySchema: Reply;
  decodeReply(bytes: Uint8Array): Opened<Static<Reply>>;
};

type Scope = 'none' | 'team' | 'doc';

function declare<Data extends TSchema>(
  base: string,
  scope: Scope,
  schema: Data,
  upgrade?: Upgrade,
): Declared<Data> {
  // Compiled on first use: a process that never sees a message does not pay for its decoder.
  let decoder: ((bytes: Uint8Array) => Opened<Static<Data>>) | undefined;
  return {
    schema,
    pattern: scope === 'none' ? base : scope === 'team' ? `${base}.*` : `${base}.*.*`,
    subject: ({ team, doc }) => {
      if (scope === 'none') return base;
      if (scope === 'team') return `${base}.${team}`;
      if (doc === undefined) throw new TypeError(`${base} needs a document`);
      return `${base}.${team}.${doc}`;
    },
    decode: (bytes) => {
      decoder ??= envelopeDecoder(schema, upgrade);
      return decoder(bytes);
    },
  };
}

export function event<Data extends TSchema>(base: string, scope: Scope, schema: Data): EventMessage<Data> {
  return { kind: 'event', ...declare(base, scope, schema) };
}

export function durable<Data extends TSchema>(
  base: string,
  scope: Scope,
  schema: Data,
  upgrade?: Upgrade,
): DurableMessage<Data> {
  return { kind: 'durable', ...declare(base, scope, schema, upgrade) };
}

export function request<Data extends TSchema, Reply extends TSchema>(
  base: string,
  scope: Scope,
  schema: Data,
  replySchema: Reply,
): RequestMessage<Data, Reply> {
  let decoder: ((bytes: Uint8Array) => Opened<Static<Reply>>) | undefined;
  return {
    kind: 'request',
    ...declare(base, scope, schema),
    replySchema,
    decodeReply: (bytes) => {
      decoder ??= envelopeDecoder(replySchema);
      return decoder(bytes);
    },
  };
}
