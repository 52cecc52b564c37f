// What a join says, however it is said, and who is told to update.
import { describe, expect, test } from 'bun:test';
import { utf8 } from '@hakiri/base/bytes';
import { createPrng } from '@hakiri/base/prng';
import {
  LORO_RANGE,
  PROTOCOL_RANGE,
  type Speaks,
  UPDATE_REQUIRED,
  type VersionRange,
} from '@hakiri/contracts/join';
import { type Gate, gate, gateWire, PAYLOAD_LIMIT_BYTES, parseJoinPayload } from './join-payload.ts';

const speaks: Speaks = { protocol: PROTOCOL_RANGE, loro: LORO_RANGE, schema: [1, 2] };
const nothing = { token: undefined, device: undefined, speaks: undefined };
const json = (value: unknown): Uint8Array => utf8(JSON.stringify(value));

describe('[SY10.1] a join payload is a bare token or JSON', () => {
  test('[SY10.1] both are read', () => {
    expect(parseJoinPayload(utf8('En0KEwoB-_x'))).toEqual({ ...nothing, token: 'En0KEwoB-_x' });
    const said = { token: 't', device: 'laptop_1', speaks };
    expect(parseJoinPayload(json(said))).toEqual(said);
    expect(parseJoinPayload(json({ token: 't' }))).toEqual({ ...nothing, token: 't' });
    expect(parseJoinPayload(new Uint8Array())).toEqual(nothing);
  });

  test('[SY10.1] what a later version says beside is passed over, what does not fit was not said', () => {
    expect(parseJoinPayload(json({ token: 't', later: [1], speaks: { ...speaks, more: 1 } }))).toMatchObject({
      token: 't',
      speaks,
    });
    expect(parseJoinPayload(json({ token: 7, device: '../etc', speaks: { protocol: [1] } }))).toEqual(
      nothing,
    );
    for (const text of ['{', '{"token":', '{}', '{"token":null}'])
      expect(parseJoinPayload(utf8(text))).toEqual(nothing);
  });

  test('[SY10.1] it is bounded, and nothing in it throws', () => {
    expect(parseJoinPayload(json({ token: 'x'.repeat(PAYLOAD_LIMIT_BYTES) }))).toEqual(nothing);
    expect(parseJoinPayload(utf8('x'.repeat(PAYLOAD_LIMIT_BYTES + 1)))).toEqual(nothing);
    const prng = createPrng(10);
    const good = json({ token: 't', device: 'laptop_1', speaks });
    for (let round = 0; round < 2_000; round++) {
      const bytes = good.slice(0, prng.below(good.length + 1));
      for (let flips = prng.below(4); flips > 0 && bytes.length > 0; flips--)
        bytes[prng.below(bytes.length)] = prng.below(256);
      parseJoinPayload(bytes);
    }
    expect(parseJoinPayload(utf8(`${'['.repeat(8_000)}`)).token).toHaveLength(8_000);
    expect(parseJoinPayload(utf8(`{"token":${'['.repeat(8_000)}`))).toEqual(nothing);
  });
});

describe('[SY10.2] who cannot speak with this server, or not read the document, has to update', () => {
  const cases: [what: string, said: Speaks | undefined, schema: number, expected: Gate][] = [
    ['a stock client', undefined, 9, 'ok'],
    ['the same versions', speaks, 1, 'ok'],
    ['the upper end of its range', speaks, 2, 'ok'],
    ['ranges that only touch', { ...speaks, protocol: [PROTOCOL_RANGE[1], 9] }, 1, 'ok'],
    ['an older document than it reads', speaks, 0, UPDATE_REQUIRED],
    ['a newer document than it reads', speaks, 3, UPDATE_REQUIRED],
    ['a protocol to come', { ...speaks, protocol: above(PROTOCOL_RANGE) }, 1, UPDATE_REQUIRED],
    ['a protocol that is gone', { ...speaks, protocol: [0, 0] }, 1, UPDATE_REQUIRED],
    ['an encoding to come', { ...speaks, loro: above(LORO_RANGE) }, 1, UPDATE_REQUIRED],
    ['a range the wrong way round', { ...speaks, schema: [2, 1] }, 1, UPDATE_REQUIRED],
  ];
  for (const [what, said, schema, expected] of cases)
    test(`[SY10.2] ${what}: ${expected}`, () => expect(gate(said, schema)).toBe(expected));

  test('[SY10.2] what the wire is about is known before the document is', () => {
    expect(gateWire({ ...speaks, schema: [9, 9] })).toBe('ok');
    expect(gateWire({ ...speaks, loro: above(LORO_RANGE) })).toBe(UPDATE_REQUIRED);
    expect(gateWire(undefined)).toBe('ok');
  });
});

function above([, high]: VersionRange): VersionRange {
  return [high + 1, high + 1];
}
