// Signs manifests, and keeps and publishes the keys that verify them: over HTTP and, before a revision that needs one is in
// the index, in the blob store.
import { present } from '@hakiri/base/assert';
import { fromUtf8, utf8 } from '@hakiri/base/bytes';
import {
  KEY_OVERLAP_S,
  KEYS_FILE,
  type ManifestFacts,
  type RotateBody,
  SIGNING_KEYS_LIMIT,
  type SignedManifest,
  type SigningKeySet,
} from '@hakiri/contracts/delivery';
import { ProblemError } from '@hakiri/contracts/problem';
import type { Revision } from '@hakiri/contracts/revision';
import {
  endorsementOf,
  generateSigningPair,
  keyIdOf,
  signText,
  statementOf,
} from '@hakiri/manifest/signature';
import { errorFields, type Logger } from '@hakiri/service/logger';
import type { Sealing } from '@hakiri/service/sealing';
import { type BlobStore, BlobStoreError } from '@hakiri/substrate/blob-store';
import type { Clock } from '@hakiri/substrate/clock';
import type { Random } from '@hakiri/substrate/random';
import { isoTime } from '../requests/iso-time.ts';
import type { KeyRow, KeyStore } from '../store/store-keys.ts';
import { keySetOf, nextKey, signingKey } from './signing-keys.ts';

/** Somebody else replaced the key set between our read and our write, so many times in a row. */
const PUT_ATTEMPTS_LIMIT = 10;

export type Signing = ReturnType<typeof createSigning>;

export function createSigning(deps: {
  store: KeyStore;
  blobs: BlobStore;
  sealing: Sealing;
  clock: Clock;
  random: Random;
  logger: Logger;
  /** Called when an audit record is in the outbox. */
  onAudited(): void;
}) {
  const { store, blobs, sealing, clock, random, logger } = deps;
  /** The newest key that the blob store has from us. */
  let putOrdinal = 0;
  const contextOf = (kid: string): string => `private key ${kid}`;

  async function newRow(before: KeyRow | undefined, signsFromMs: number): Promise<KeyRow> {
    const { x, privateKey } = await generateSigningPair();
    const kid = await keyIdOf(x);
    const endorsement =
      before === undefined
        ? null
        : await signWith(before, endorsementOf({ kid, x, signsFrom: isoTime(signsFromMs) }));
    return {
      ordinal: (before?.ordinal ?? 0) + 1,
      kid,
      publicKey: x,
      privateKey: sealing.seal(privateKey, contextOf(kid)),
      createdAtMs: clock.now(),
      signsFromMs,
      endorsement,
    };
  }

  async function signWith(
    { kid, privateKey }: KeyRow,
    text: string,
  ): Promise<{ key: string; value: string }> {
    const opened = sealing.open(present(privateKey, 'the newest key has its private part'), contextOf(kid));
    return { key: kid, value: await signText(opened, text) };
  }

  /** Makes the first key of an installation, seals what was kept before there was a secret, forgets what is over. */
  async function settle(): Promise<void> {
    let rows = await store.all();
    if (rows.length === 0) {
      await store.add(await newRow(undefined, clock.now()));
      rows = await store.all();
    }
    const signing = signingKey(rows, clock.now());
    if (signing) await store.forgetPrivateBefore(signing.ordinal);
    for (const { ordinal, kid, privateKey } of rows) {
      if (privateKey === null || ordinal < (signing?.ordinal ?? 0)) continue;
      // Said now, and not at the first Apply.
      const opened = sealing.open(privateKey, contextOf(kid));
      if (sealing.isPlain(privateKey)) await store.keepPrivate(ordinal, sealing.seal(opened, contextOf(kid)));
    }
  }

  /** Every key that could have signed is in the blob store afterwards. @throws BlobStoreError */
  async function putKeys(): Promise<void> {
    if (((await store.all()).at(-1)?.ordinal ?? 0) <= putOrdinal) return;
    for (let attempt = 0; attempt < PUT_ATTEMPTS_LIMIT; attempt++) {
      const there = await blobs.get(KEYS_FILE);
      // Read after what is there: whoever wrote that had no key that is not in these rows.
      const rows = await store.all();
      const bytes = utf8(`${JSON.stringify(keySetOf(rows), null, 1)}\n`);
      const same = there !== undefined && isSame(there.bytes, bytes);
      const outcome = same
        ? { kind: 'stored' }
        : there
          ? await blobs.putIfMatch(KEYS_FILE, bytes, there.etag)
          : await blobs.putIfAbsent(KEYS_FILE, bytes);
      if (outcome.kind !== 'stored') continue;
      putOrdinal = rows.at(-1)?.ordinal ?? 0;
      return;
    }
    throw new BlobStoreError(`${KEYS_FILE} kept changing under us`);
  }

  /** The blob store may be away: the next revision puts them before the index names it. */
  async function tryPutKeys(): Promise<void> {
    await putKeys().catch((error) => logger.warn('keys_not_stored', errorFields(error)));
  }

  return {
    start: async (): Promise<void> => {
      await settle();
      await tryPutKeys();
    },

    /** `last`: the revision before. */
    sign: async (team: string, revision: Revision, last: Revision | undefined): Promise<Revision> => {
      const facts = factsOf(team, revision);
      if (facts === undefined) return revision;
      const rows = await store.all();
      const key = present(signingKey(rows, clock.now(), last?.signature?.key), 'start made a key');
      const signature = await signWith(key, statementOf(facts));
      // Nobody tells when the overlap is over: the first signature by the later key is when.
      if (rows.some(({ ordinal, privateKey }) => ordinal < key.ordinal && privateKey !== null))
        await store.forgetPrivateBefore(key.ordinal);
      return { ...revision, signature };
    },

    putKeys,

    keySet: async (): Promise<SigningKeySet> => keySetOf(await store.all()),

    /**
     * Without an overlap the new key signs at once and all others go, also one that is published and waits: its private part
     * lay where that of the one that signs lay, so whoever took one has both.
     * @throws ProblemError `conflict` with an overlap, while the next key is published and does not sign yet.
     */
    rotate: async (
      { team, user }: { team: string; user: string },
      { overlapS = KEY_OVERLAP_S }: RotateBody,
    ): Promise<SigningKeySet> => {
      const nowMs = clock.now();
      const rows = await store.all();
      const waiting = nextKey(rows, nowMs);
      if (waiting && overlapS > 0)
        throw new ProblemError(
          'conflict',
          `The next key ${waiting.kid} is published and signs from ${isoTime(waiting.signsFromMs)}. Rotate again after that, or with an overlap of 0 when a private key may have been stolen: then a new key signs at once.`,
        );
      if (rows.length >= SIGNING_KEYS_LIMIT)
        throw new ProblemError('conflict', `There are ${SIGNING_KEYS_LIMIT} keys, as many as may be.`);
      const before = present(rows.at(-1), 'start made a key');
      // Readers rank keys by when they sign from: it has to be above those that they may know already.
      const row = await newRow(before, Math.max(nowMs + overlapS * 1000, before.signsFromMs + 1));
      const detail = {
        next: row.kid,
        signsFrom: isoTime(overlapS === 0 ? nowMs : row.signsFromMs),
        endorsedBy: before.kid,
      };
      const cause = { actor: { kind: 'user', id: user } as const, id: random.ulid(nowMs) };
      const record = { action: 'manifest.keys.rotate', outcome: 'done', target: row.kid, detail } as const;
      if (!(await store.add(row, { team, cause, record, replacesAll: overlapS === 0 })))
        throw new ProblemError('conflict', 'Somebody else rotated the keys just now. Look at them first.');
      deps.onAudited();
      await settle();
      await tryPutKeys();
      return keySetOf(await store.all());
    },
  };
}

/** What its signature says; undefined of a revision from before there were runtime digests. */
function factsOf(team: string, revision: Revision): ManifestFacts | undefined {
  const { label, sequence, digest, runtimeDigest } = revision;
  return runtimeDigest === undefined ? undefined : { team, label, sequence, digest, runtimeDigest };
}

/** As it lies beside the body and travels in the header; undefined of a revision that was never signed. */
export function signedManifest(team: string, revision: Revision): SignedManifest | undefined {
  const facts = factsOf(team, revision);
  return facts && revision.signature && { ...facts, signature: revision.signature };
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && fromUtf8(a) === fromUtf8(b);
}
