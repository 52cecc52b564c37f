// The first minutes of an installation, done over its public API by whoever started it: sign the owner in with the one-time
// code that the starter gave to auth, and make a link for the owner's browser.
import { toBase64Url } from '@hakiri/base/bytes';
import { createClient } from '@hakiri/client/client';

export type Bootstrap = { team: string; ownerToken: string; ownerLink: string; ownerLinkExpiresAt: string };

/** A fresh one-time owner code: 192 bits. */
export function newOwnerCode(): string {
  return toBase64Url(crypto.getRandomValues(new Uint8Array(24)));
}

/** Redeems the code and makes the link. @throws when the service refuses or cannot be reached. */
export async function signInOwner(url: string, ownerCode: string): Promise<Bootstrap> {
  const session = await createClient({ url }).auth.redeem({ code: ownerCode });
  const link = await createClient({ url, token: session.accessToken }).auth.createLink({ kind: 'self' });
  return {
    team: session.team,
    ownerToken: session.accessToken,
    ownerLink: `${url}/#code=${link.code}`,
    ownerLinkExpiresAt: link.expiresAt,
  };
}
