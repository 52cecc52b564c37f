// The one envelope of every message between services: who, when, in which trace, and the data under its own schema.
import { fromUtf8, utf8 } from '@hakiri/base/bytes';
import { type Static, type TSchema, Type } from '@sinclair/typebox';
import { TypeCompiler } from '@sinclair/typebox/compiler';
import { Key, TeamId } from './names.ts';

export const Actor = Type.Object({
  kind: Type.Union([Type.Literal('user'), Type.Literal('node'), Type.Literal('service')]),
  id: Type.String({ minLength: 1, maxLength: 100 }),
});
export type Actor = Static<typeof Actor>;

const AnyEnvelope = TypeCompiler.Compile(
  Type.Object(
    {
      id: Key,
      v: Type.Literal(1),
      at: Type.String({ pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z$', description: 'ISO 8601, UTC' }),
      actor: Actor,
      team: TeamId,
      /** W3C trace context. */
      traceparent: Type.String({ pattern: '^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$' }),
      data: Type.Unknown(),
    },
    { additionalProperties: false },
  ),
);

export type Envelope<Data> = {
  id: string;
  v: 1;
  at: string;
  actor: Actor;
  team: TeamId;
  traceparent: string;
  data: Data;
};

export type Opened<Data> = { kind: 'ok'; envelope: Envelope<Data> } | { kind: 'malformed'; reason: string };

/** What an earlier version sent, as this one would: a message may have waited in its queue over an update. */
export type Upgrade = (data: unknown) => unknown;

/** Compiles once per message type: a decoder of untrusted bytes. */
export function envelopeDecoder<Schema extends TSchema>(
  schema: Schema,
  upgrade: Upgrade = (data) => data,
): (bytes: Uint8Array) => Opened<Static<Schema>> {
  const dataCheck = TypeCompiler.Compile(schema);
  return (bytes) => {
    let value: unknown;
    try {
      value = JSON.parse(fromUtf8(bytes));
    } catch {
      return { kind: 'malformed', reason: 'not JSON' };
    }
    if (!AnyEnvelope.Check(value)) return misfit(AnyEnvelope.Errors(value).First(), '');
    const { data: sent, ...header } = value;
    const data = upgrade(sent);
    if (!dataCheck.Check(data)) return misfit(dataCheck.Errors(data).First(), '/data');
    return { kind: 'ok', envelope: { ...header, data } };
  };
}

function misfit(
  error: { path: string; message: string } | undefined,
  at: string,
): { kind: 'malformed'; reason: string } {
  return { kind: 'malformed', reason: `${at}${error?.path ?? ''}: ${error?.message ?? 'does not fit'}` };
}

/** Data that was made JSON somewhere else: nobody reads it only to write it again. */
export class Written {
  readonly json: string;

  constructor(json: string) {
    this.json = json;
  }
}

export function encodeEnvelope<Data>({ data, ...header }: Envelope<Data | Written>): Uint8Array {
  if (!(data instanceof Written)) return utf8(JSON.stringify({ ...header, data }));
  return utf8(`${JSON.stringify(header).slice(0, -1)},"data":${data.json}}`);
}
