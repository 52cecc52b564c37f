// The signing keys: one signs, the retired ones stay published until nothing that they signed can still be alive.

import { generateKeyPair } from '@hakiri/authz/keys';
import { type MintedToken, mintToken, type TokenFacts } from '@hakiri/authz/token';
import { present } from '@hakiri/base/assert';
import type { KeySet } from '@hakiri/contracts/auth';
import type { Actor } from '@hakiri/contracts/envelope';
import { DEFAULT_TEAM } from '@hakiri/contracts/names';
import type { Orm, Statement } from '@hakiri/substrate/libsql/database';
import { type Ledger, SERVICE_ACTOR } from './ledger.ts';
import { findActiveKey, insertKey, listPublishedKeys, retireKey } from './store-tokens.ts';

const DAY_MS = 24 * 60 * 60_000;
/** The longest life of a token (contracts, TokenBody) and a day. */
const PUBLISHED_AFTER_RETIREMENT_MS = 367 * DAY_MS;

/** Makes the first key of an installation; does nothing when there is one. */
export function ensureKey(ledger: Ledger): Promise<void> {
  return ledger.change(DEFAULT_TEAM, SERVICE_ACTOR, async (orm, nowMs) => {
    if (await findActiveKey(orm)) return { outcome: undefined };
    return { outcome: undefined, statements: [insertNewKey(orm, nowMs)] };
  });
}

/** From now on a new key signs. What the old one signed goes on to count until it expires. */
export async function rotateKey(ledger: Ledger, actor: Actor): Promise<void> {
  await ledger.change(DEFAULT_TEAM, actor, async (orm, nowMs) => {
    const old = await findActiveKey(orm);
    const until = nowMs + PUBLISHED_AFTER_RETIREMENT_MS;
    const retire = old ? [retireKey(orm, old.id, nowMs, until)] : [];
    const detail = { retired: old?.id ?? null };
    return {
      outcome: undefined,
      statements: [...retire, insertNewKey(orm, nowMs)],
      audit: [{ action: 'keys.rotate', outcome: 'done', target: 'signing key', detail }],
    };
  });
}

export async function publishedKeys(orm: Orm, nowMs: number): Promise<KeySet> {
  const rows = await listPublishedKeys(orm, nowMs);
  return { keys: rows.map(({ id, publicKey }) => ({ id, algorithm: 'ed25519', publicKey })) };
}

export async function signToken(orm: Orm, facts: TokenFacts): Promise<MintedToken> {
  const key = present(await findActiveKey(orm), 'ensureKey ran at start');
  return mintToken(key.privateKey, key.id, facts);
}

function insertNewKey(orm: Orm, nowMs: number): Statement {
  return insertKey(orm, { ...generateKeyPair(), createdAtMs: nowMs });
}
