// The first minutes of an installation, done over its public API by whoever started it: sign the owner in with the one-time
// code that the starter gave to auth, and make links for the owner's browser and terminal.
import { toBase64Url } from '@hakiri/base/bytes';
import { createClient } from '@hakiri/client/client';

/** Each link works once: one for the owner's browser, one for the owner's terminal. */
export type Bootstrap = {
  team: string;
  ownerToken: string;
  ownerLink: string;
  terminalLink: string;
  linksExpireAt: string;
};

/** A fresh one-time owner code: 192 bits. */
export function newOwnerCode(): string {
  return toBase64Url(crypto.getRandomValues(new Uint8Array(24)));
}

/** Redeems the code and makes the links. @throws when the service refuses or cannot be reached. */
export async function signInOwner(url: string, ownerCode: string): Promise<Bootstrap> {
  const session = await createClient({ url }).auth.redeem({ code: ownerCode });
  const { auth } = createClient({ url, token: session.accessToken });
  const forBrowser = await auth.createLink({ kind: 'self' });
  const forTerminal = await auth.createLink({ kind: 'self' });
  return {
    team: session.team,
    ownerToken: session.accessToken,
    ownerLink: `${url}/#code=${forBrowser.code}`,
    terminalLink: `${url}/#code=${forTerminal.code}`,
    linksExpireAt: forTerminal.expiresAt,
  };
}
