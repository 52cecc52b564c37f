// The first minutes of an installation, done over its public API by whoever started it: sign the owner in with the one-time
// code that the starter gave to auth, make a link for the owner's browser and a token for the local node.
import { toBase64Url } from '@hakiri/base/bytes';
import { createClient } from '@hakiri/client/client';

export type Bootstrap = { team: string; ownerToken: string; ownerLink: string };

/** A fresh one-time owner code: 192 bits. */
export function newOwnerCode(): string {
  return toBase64Url(crypto.getRandomValues(new Uint8Array(24)));
}

/** Redeems the code and makes the link. @throws when the service refuses or cannot be reached. */
export async function signInOwner(url: string, ownerCode: string): Promise<Bootstrap> {
  const session = await createClient({ url }).auth.redeem({ code: ownerCode });
  const link = await createClient({ url, token: session.accessToken }).auth.createLink({ kind: 'self' });
  return { team: session.team, ownerToken: session.accessToken, ownerLink: `${url}/#code=${link.code}` };
}

const NODE_TOKEN_DAYS = 366;

/** `stored` is used again while it works, so that a restart adds no token. */
export async function nodeToken(
  url: string,
  ownerToken: string,
  stored: string | undefined,
): Promise<string> {
  if (stored !== undefined && (await isAccepted(url, stored))) return stored;
  const { auth } = createClient({ url, token: ownerToken });
  const issued = await auth.createToken({ name: 'local node', role: 'node', ttlDays: NODE_TOKEN_DAYS });
  return issued.token;
}

async function isAccepted(url: string, token: string): Promise<boolean> {
  try {
    await createClient({ url, token }).auth.me();
    return true;
  } catch {
    return false;
  }
}
