import { expect, test } from 'bun:test';
import { codeOfLink, notACode } from './link-code.ts';

test('[PG6.1] a link is known by its code; one that was cut, and a token, are told apart before anybody is asked', () => {
  const code = 'wPOOgUzo0ptcUkunyn1SuWKLdRRxj4YVQqX48K1nYRM';
  expect(codeOfLink(` http://127.0.0.1:7420/#code=${code}\n`)).toBe(code);
  expect([code, 'a'.repeat(16), 'a'.repeat(200)].map(notACode)).toEqual([undefined, undefined, undefined]);
  expect(notACode(code.slice(0, 15))).toBe('cut');
  expect(notACode('')).toBe('cut');
  expect(notACode('a'.repeat(201))).toBe('too_long');
});
