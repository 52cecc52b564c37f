// Auth's side of the bus, without auth: keys, tokens that are really signed, and a list of revocations that may be announced
// or not, for tests of what a guard makes of them.
import { generateKeyPair } from '@hakiri/authz/keys';
import { mintToken } from '@hakiri/authz/token';
import type { Revocations, RevocationsPage } from '@hakiri/contracts/auth';
import type { TokenRole } from '@hakiri/contracts/roles';
import { GetKeys, GetRevocations, TokensRevoked } from '@hakiri/contracts/subjects';
import type { Messaging } from '@hakiri/service/messaging';
import type { Subscription } from '@hakiri/substrate/bus';

const HOUR_MS = 3_600_000;
const TEAM = { team: 'default' };

type Row = Revocations['revocations'][number] & { sequence: number };
export type TestToken = { token: string; revocationId: string };

export type AuthStandIn = {
  /** The `after` of each page asked for. */
  readonly asked: number[];
  mint(user: string, role?: TokenRole): TestToken;
  /** Nobody is told. */
  revoke(token: TestToken, renew?: boolean): void;
  announce(): void;
  /** As after an older copy of the database was put back: numbers begin anew. */
  restore(): void;
  answer(messaging: Messaging): void;
  leave(): Promise<void>;
};

export function createAuthStandIn(now: () => number): AuthStandIn {
  const { publicKey, privateKey } = generateKeyPair();
  const asked: number[] = [];
  let rows: Row[] = [];
  let messaging: Messaging | undefined;
  let responders: Subscription[] = [];

  const page = (after: number): RevocationsPage => {
    asked.push(after);
    const { sequence = 0 } = rows.at(-1) ?? {};
    return { revocations: rows.filter((row) => row.sequence > after), last: sequence };
  };

  return {
    asked,
    mint: (user, role = 'editor') =>
      mintToken(privateKey, 1, {
        ...{ user, name: user, ...TEAM, role },
        issuedAtMs: now(),
        expiresAtMs: now() + HOUR_MS,
      }),
    revoke: ({ revocationId }, renew = false) => {
      const until = new Date(now() + HOUR_MS).toISOString();
      const sequence = (rows.at(-1)?.sequence ?? 0) + 1;
      rows.push({ sequence, id: revocationId, until, ...(renew ? { renew } : {}) });
    },
    announce: () =>
      messaging?.publish(
        TokensRevoked,
        TEAM,
        { actor: { kind: 'service', id: 'auth' } },
        { revocations: rows },
      ),
    restore: () => {
      rows = [];
    },
    answer: (over) => {
      messaging = over;
      responders.push(
        over.respond(GetKeys, 'auth', 'auth', async () => ({
          keys: [{ id: 1, algorithm: 'ed25519' as const, publicKey }],
        })),
        over.respond(GetRevocations, 'auth', 'auth', async ({ data }) => page(data.after ?? 0)),
      );
    },
    leave: async () => {
      await Promise.all(responders.map((responder) => responder.close()));
      responders = [];
    },
  };
}
