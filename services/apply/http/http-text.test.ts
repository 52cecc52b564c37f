// Header texts, well formed and not.
import { expect, test } from 'bun:test';
import { hasEtag } from '@hakiri/service/etag';
import { preferredWaitMs, sequenceIn } from './http-text.ts';

test('[AP4.5] Prefer: wait and respond-async', () => {
  expect(preferredWaitMs(null)).toBeUndefined();
  expect(preferredWaitMs('wait=3')).toBe(3_000);
  expect(preferredWaitMs('return=minimal, Wait = "12"')).toBe(12_000);
  expect(preferredWaitMs('respond-async')).toBe(0);
  for (const odd of ['', 'wait', 'wait=', 'wait=-1', 'wait=abc', 'await=3'])
    expect(preferredWaitMs(odd)).toBeUndefined();
});

test('[AP11.1] If-None-Match: a list, weak or strong, or anything', () => {
  const etag = '"sha256:ab"';
  expect(hasEtag(null, etag)).toBe(false);
  expect(hasEtag('"sha256:cd"', etag)).toBe(false);
  expect(hasEtag('sha256:ab', etag)).toBe(false);
  for (const match of [etag, '*', `"x", ${etag}`, `W/${etag}`]) expect(hasEtag(match, etag)).toBe(true);
});

test('[AP11.3] Last-Event-ID: a number, or nothing', () => {
  expect(sequenceIn('17')).toBe(17);
  for (const odd of [null, '', '-1', '1.5', 'v3', '9'.repeat(16)]) expect(sequenceIn(odd)).toBeUndefined();
});
