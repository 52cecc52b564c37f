import { expect, test } from 'bun:test';
import { pipeline } from '../testing/world.ts';
import { createMask, MASKED_FROM_CHARS } from './mask.ts';

const reading = (ref: string) => pipeline(1, { source: { kind: 'http-json', ref } });

test('[SC8.10] the value of a variable is told as its reference, in every form in which it may be met', () => {
  const variables = { KEY_OF_SHOP: 'p&ss "word"/1', HOST: 'shop.example', UNUSED: 'unused value' };
  const mask = createMask(reading('https://${HOST}/?k=${KEY_OF_SHOP}'), variables);
  expect(mask('https://shop.example/?k=p&ss "word"/1')).toBe('https://${HOST}/?k=${KEY_OF_SHOP}');
  expect(mask('k=p%26ss%20%22word%22%2F1')).toBe('k=${KEY_OF_SHOP}');
  expect(mask(JSON.stringify({ k: 'p&ss "word"/1' }))).toBe('{"k":"${KEY_OF_SHOP}"}');
  expect(mask('unused value')).toBe('unused value');
});

test('[SC8.10] short values stay, as they would be found everywhere, but not those of variables that are called like a secret', () => {
  const short = 'x'.repeat(MASKED_FROM_CHARS - 1);
  const mask = createMask(reading('${A}${API_TOKEN}${PASSWORD}'), {
    A: short,
    API_TOKEN: 'abc',
    PASSWORD: '1',
  });
  expect(mask(`${short} abc 1`)).toBe(`${short} \${API_TOKEN} 1`);
});

test('[SC8.10] of two values one of which begins the other the longer is found, and a reference is masked no more', () => {
  const variables = { A: 'secret', B: 'secret-longer', C: '${A} and ${B}' };
  const mask = createMask(reading('${A}${B}${C}'), variables);
  expect(mask('secret-longer secret ${A} and ${B}')).toBe('${B} ${A} ${C}');
  expect(createMask(reading('plain'), variables)('secret')).toBe('secret');
});
