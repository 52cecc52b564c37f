// Signatures from the Apply to the reader: what is signed, with which key, and how keys change.
import { afterEach, beforeEach, expect, test } from 'bun:test';
import { fromUtf8, utf8 } from '@hakiri/base/bytes';
import { KEY_OVERLAP_S, KEYS_FILE, type SignedManifest, type SigningKey } from '@hakiri/contracts/delivery';
import { digestOf } from '@hakiri/manifest/digest';
import {
  endorsementOf,
  isSignedBy,
  keyIdOf,
  readSignedManifest,
  statementOf,
  trustedKeys,
} from '@hakiri/manifest/signature';
import { silentLogger } from '@hakiri/service/logger';
import { createSealing } from '@hakiri/service/sealing';
import type { BlobStore } from '@hakiri/substrate/blob-store';
import { systemClock } from '@hakiri/substrate/clock';
import { createShiftingClock } from '@hakiri/testing/shifting-clock';
import { until } from '@hakiri/testing/until';
import type { KeyRow } from '../store/store-keys.ts';
import { type Bed, get, openBed, type Running } from '../testing/bed.ts';
import { revisionOf } from '../testing/bed-store.ts';
import { keyStoreOf, publishText, rotateKeys, signingKeys } from '../testing/bed-writes.ts';
import { createSigning } from './signing.ts';
import { signingKey } from './signing-keys.ts';

const SECRET = 'a key secret of more than thirty-two characters';
/** Longer than a machine stalls, and shorter than tokens live. */
const OVERLAP_S = 300;
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

async function verifies(signed: SignedManifest, keys: readonly SigningKey[]): Promise<boolean> {
  const key = keys.find(({ kid }) => kid === signed.signature.key);
  return key !== undefined && isSignedBy(key.x, statementOf(signed), signed.signature.value);
}

test('[AP11.13] each revision is signed: in the answer, in the list, in the index and beside the body', async () => {
  await publish('a');
  const keys = await keySet();
  const latest = await get(running.url, bed.token('node'), 'latest');
  const signed = readSignedManifest(latest.headers.get('hakiri-signature') ?? '');
  if (!signed) throw new Error('no signature');
  expect(await verifies(signed, keys)).toBe(true);
  const toml = await latest.text();
  expect(signed).toMatchObject({
    team: 'default',
    label: 'v1',
    sequence: 1,
    digest: await digestOf(utf8(toml)),
  });
  const body = await get(running.url, bed.token('node'), 'revisions/1/manifest.toml');
  expect(body.headers.get('hakiri-signature')).toBe(latest.headers.get('hakiri-signature'));
  const { signature } = await get(running.url, bed.token('node'), 'revisions/1').then((r) => r.json());
  expect(signature).toEqual(signed.signature);
  expect((await bed.index())?.revisions[0]?.signature).toEqual(signed.signature);
  const blob = await bed.blobs.get('teams/default/manifest@v1.toml.sig');
  expect(readSignedManifest(fromUtf8(blob?.bytes ?? new Uint8Array()))).toEqual(signed);
  const stored: unknown = JSON.parse(
    fromUtf8((await bed.blobs.get('manifest-keys.json'))?.bytes ?? utf8('0')),
  );
  expect(stored).toEqual({ keys });
});

test('[AP11.13] a signature holds for its team, its name, its place and its bytes alone', async () => {
  await publish('a');
  const keys = await keySet();
  const latest = await get(running.url, bed.token('node'), 'latest');
  const signed = readSignedManifest(latest.headers.get('hakiri-signature') ?? '');
  if (!signed) throw new Error('no signature');
  const forged: Partial<SignedManifest>[] = [
    { team: 'other' },
    { label: 'v2' },
    { sequence: 2 },
    { digest: `sha256:${'0'.repeat(64)}` },
    { runtimeDigest: `sha256:${'0'.repeat(64)}` },
    { signature: { ...signed.signature, value: `A${signed.signature.value.slice(1)}x` } },
  ];
  for (const change of forged) expect(await verifies({ ...signed, ...change }, keys)).toBe(false);
});

test('[AP11.14] the next key is published before it signs, endorsed by the one before; old signatures go on to hold', async () => {
  await running.stop();
  const clock = createShiftingClock(Date.now());
  running = await bed.start({ clock });
  await publish('a');
  const [first] = await keySet();
  const before = await get(running.url, bed.token('node'), 'revisions/1/manifest.toml');
  expect((await rotate('admin')).status).toBe(403);
  expect((await rotate('owner', { overlapS: OVERLAP_S })).status).toBe(200);
  const [, next] = await keySet();
  if (!first || !next) throw new Error('no keys');
  expect(next.kid).toBe(await keyIdOf(next.x));
  expect(next.endorsement?.key).toBe(first.kid);
  expect(await isSignedBy(first.x, endorsementOf(next), next.endorsement?.value ?? '')).toBe(true);
  const again = await rotate('owner');
  expect([again.status, (await again.json()).detail]).toEqual([409, expect.stringContaining(next.signsFrom)]);
  await publish('b');
  const signer = async (): Promise<string> => {
    const latest = await get(running.url, bed.token('node'), 'latest');
    return readSignedManifest(latest.headers.get('hakiri-signature') ?? '')?.signature.key ?? '';
  };
  expect(await signer()).toBe(first.kid);
  clock.shiftTo(Date.parse(next.signsFrom));
  await publish('c');
  expect(await signer()).toBe(next.kid);
  const keys = await keySet();
  expect(keys.map(({ kid, signsUntil }) => [kid, signsUntil])).toEqual([
    [first.kid, next.signsFrom],
    [next.kid, undefined],
  ]);
  const old = readSignedManifest(before.headers.get('hakiri-signature') ?? '');
  expect(old && (await verifies(old, keys))).toBe(true);
  await until(() => bed.announced.audited.some(({ action }) => action === 'manifest.keys.rotate'));
  // Also after a restart, and in the blob store.
  await bed.reboot();
  running = await bed.start({ clock });
  expect(await keySet()).toEqual(keys);
  const stored: unknown = JSON.parse(
    fromUtf8((await bed.blobs.get('manifest-keys.json'))?.bytes ?? utf8('0')),
  );
  expect(stored).toEqual({ keys });
});

test('[AP11.14] who believes a key believes what it endorses, and nothing that is merely served', async () => {
  await rotate('owner', { overlapS: 0 });
  await rotate('owner', { overlapS: 0 });
  const [first, second, third] = await keySet();
  if (!first || !second || !third) throw new Error('no keys');
  const kids = async (pinned: SigningKey[], offered: SigningKey[]) =>
    (await trustedKeys(pinned, offered)).map(({ kid }) => kid);
  const all = [first.kid, second.kid, third.kid];
  expect(await kids([first], [third, second, first])).toEqual(all);
  expect(await kids([first], [third])).toEqual([first.kid]);
  expect(await kids([third], [first, second])).toEqual([third.kid]);
  const { endorsement: _, ...bare } = second;
  expect(await kids([first], [bare, third])).toEqual([first.kid]);
  expect(await kids([first], [{ ...second, x: third.x }])).toEqual([first.kid]);
  expect(await kids([first], [{ ...second, signsFrom: '2000-01-01T00:00:00.000Z' }])).toEqual([first.kid]);
});

test('[AP11.14] no key signs behind the one that signed before it, whatever the clock says', () => {
  const row = (ordinal: number, signsFromMs: number, privateKey: string | null = 'private'): KeyRow => ({
    ...{ ordinal, kid: `k${ordinal}`, publicKey: '', privateKey, createdAtMs: 0, signsFromMs },
    endorsement: null,
  });
  const rows = [row(1, 0), row(2, 100), row(3, 200)];
  const at = (nowMs: number, before?: string, of = rows) => signingKey(of, nowMs, before)?.kid;
  expect([at(99), at(100), at(250)]).toEqual(['k1', 'k2', 'k3']);
  expect([at(99, 'k1'), at(99, 'k2'), at(150, 'k3'), at(250, 'k1')]).toEqual(['k1', 'k2', 'k3', 'k3']);
  expect(at(99, undefined, [row(1, 0, null), row(2, 100)])).toBe('k2');
});

test('[AP11.14] a process whose clock is late signs with the key of the revision before, though by its clock its time has not come', async () => {
  expect((await rotate('owner')).status).toBe(200);
  const [first, next] = await keySet();
  if (!first || !next) throw new Error('no keys');
  const signing = createSigning({
    ...bed.substrate,
    store: await keyStore(),
    sealing: createSealing(undefined),
    logger: silentLogger,
    onAudited: () => {},
  });
  const revision = { ...revisionOf(2), runtimeDigest: 'sha256:1' };
  const after = async (key: string): Promise<string | undefined> => {
    const last = { ...revisionOf(1), signature: { key, value: '' } };
    return (await signing.sign('default', revision, last)).signature?.key;
  };
  expect(Date.parse(next.signsFrom)).toBeGreaterThan(Date.now());
  expect(await after(first.kid)).toBe(first.kid);
  expect(await after(next.kid)).toBe(next.kid);
});

test('[AP11.15] private keys are sealed at rest when there is a secret, and need it from then on', async () => {
  const privateKeys = async () => (await (await keyStore()).all()).map(({ privateKey }) => privateKey);
  await publish('a');
  await running.stop();
  running = await bed.start({ config: { keySecret: SECRET } });
  expect(await privateKeys()).toEqual([expect.stringMatching(/^sealed1\./)]);
  await publish('b');
  await rotate('owner', { overlapS: 0 });
  await publish('c');
  expect(await privateKeys()).toEqual([null, expect.stringMatching(/^sealed1\./)]);
  await running.stop();
  await expect(bed.start()).rejects.toThrow('key secret');
});

test('[AP11.15] a private key is kept while it signs, through the overlap, and forgotten with the first signature by the next', async () => {
  const kept = async () => (await (await keyStore()).all()).map(({ privateKey }) => privateKey !== null);
  let aheadMs = 0;
  await running.stop();
  running = await bed.start({ clock: { ...systemClock, now: () => systemClock.now() + aheadMs } });
  await publish('a');
  expect((await rotate('owner')).status).toBe(200);
  await publish('b');
  expect(await kept()).toEqual([true, true]);
  aheadMs = KEY_OVERLAP_S * 1000;
  await publish('c');
  const [, next] = await keySet();
  const latest = await get(running.url, bed.token('node'), 'latest');
  expect(readSignedManifest(latest.headers.get('hakiri-signature') ?? '')?.signature.key).toBe(next?.kid);
  expect(await kept()).toEqual([false, true]);
  await publish('d');
});

test('[AP11.14] the key set in the blob store never goes back: a process that is late with it puts what there is by then', async () => {
  const store = await keyStore();
  const parts = {
    store,
    sealing: createSealing(undefined),
    clock: systemClock,
    random: bed.substrate.random,
  };
  const open = (blobs: BlobStore) =>
    createSigning({ ...parts, blobs, logger: silentLogger, onAudited: () => {} });
  const rotator = open(bed.blobs);
  let isFirst = true;
  const late = open({
    ...bed.blobs,
    get: async (key) => {
      // As the late one asks, the other process makes the next key and puts it.
      if (isFirst) {
        isFirst = false;
        await rotator.rotate({ team: 'default', user: 'owner' }, {});
      }
      return bed.blobs.get(key);
    },
  });
  await late.putKeys();
  const stored = fromUtf8((await bed.blobs.get(KEYS_FILE))?.bytes ?? utf8('0'));
  expect(JSON.parse(stored)).toEqual({ keys: await keySet() });
  expect((await keySet()).length).toBe(2);
});
