// A private key that may have been stolen: a rotation that takes every key before out of use at once.
import { afterEach, beforeEach, expect, test } from 'bun:test';
import { verifyManifest } from '@hakiri/client/daemon-verify';
import { readSignedManifest, trustedKeys } from '@hakiri/manifest/signature';
import { type Bed, get, openBed, type Running } from '../testing/bed.ts';
import { keyStoreOf, publishText, rotateKeys, signingKeys } from '../testing/bed-writes.ts';

let bed: Bed;
let running: Running;

beforeEach(async () => {
  bed = await openBed();
  running = await bed.start();
});
afterEach(() => bed.close());

const publish = (description: string) => publishText(bed, running.url, description);
const keySet = () => signingKeys(running.url);
const rotate = (role: 'admin' | 'owner', body?: object) => rotateKeys(bed, running.url, role, body);
const keyStore = () => keyStoreOf(bed);

test('[AP11.23] a rotation without an overlap goes while the next key waits: a new one signs at once, and neither of the others ever again', async () => {
  await publish('a');
  expect((await rotate('owner', { overlapS: 30 * 86_400 })).status).toBe(200);
  const known = await keySet();
  const [first, waited] = known;
  expect((await rotate('owner', { overlapS: 0 })).status).toBe(200);
  const keys = await keySet();
  const [, withdrawn, fresh] = keys;
  if (!first || !waited || !withdrawn || !fresh || !withdrawn.signsUntil) throw new Error('no keys');
  expect((await (await keyStore()).all()).map(({ privateKey }) => privateKey !== null)).toEqual([
    false,
    false,
    true,
  ]);
  expect(fresh.signsSince).toBe(withdrawn.signsUntil);
  expect(withdrawn.signsUntil < withdrawn.signsFrom).toBe(true);
  await publish('b');
  const latest = await get(running.url, bed.token('node'), 'latest');
  const signed = readSignedManifest(latest.headers.get('hakiri-signature') ?? '');
  if (!signed) throw new Error('no signature');
  expect(signed.signature.key).toBe(fresh.kid);
  // Who knew the two before, and who knew the first alone, believe the new one and nothing behind it.
  for (const pinned of [known, [first], [waited]]) {
    const trusted = await trustedKeys(pinned, keys);
    expect(trusted.at(-1)?.kid).toBe(fresh.kid);
    const newest = { signed, toml: await latest.clone().text() };
    expect(await verifyManifest(newest, { keys: trusted })).toEqual({ kind: 'verified' });
  }
  const ranked = await trustedKeys(known, keys);
  expect(ranked.map(({ kid }) => kid)).toEqual([first.kid, waited.kid, fresh.kid]);
  // Again at once, and after a restart; not with an overlap.
  expect((await rotate('owner', { overlapS: 60 })).status).toBe(409);
  expect((await rotate('owner', { overlapS: 0 })).status).toBe(200);
  await bed.reboot();
  running = await bed.start();
  await publish('c');
  const again = await get(running.url, bed.token('node'), 'latest');
  const by = readSignedManifest(again.headers.get('hakiri-signature') ?? '')?.signature.key;
  expect(by).toBe((await keySet())[3]?.kid);
});
