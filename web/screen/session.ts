// Who is signed in: the client with its renewing session, the person and what they may do, and the names of the team.
import { type Client, createClient } from '@hakiri/client/client';
import { Unreachable } from '@hakiri/client/errors';
import { createSessionSource, type SessionStore } from '@hakiri/client/session';
import { pause } from '@hakiri/client/wait';
import type { Me, Session as SignedIn } from '@hakiri/contracts/auth';
import { type Action, ROLE_ACTIONS } from '@hakiri/contracts/roles';
import type { Device } from '../device/device.ts';
import { type TeamDocuments, watchDocuments } from '../live/documents.ts';
import { createNames } from '../live/names.ts';
import type { Store } from '../live/store.ts';

export type Session = {
  client: Client;
  device: Device;
  me: Me;
  may(action: Action): boolean;
  documents: TeamDocuments;
  /** The same, with the role and the rights of now. */
  as(me: Me): Session;
  /** By user id. */
  names: Store<ReadonlyMap<string, string>>;
  nameOf(user: string): string;
  /** Asks for it where it is not known yet. */
  named(user: string): Promise<string>;
  /** Somebody was met under this name. */
  learnName(user: string, name: string): void;
  signOut(): Promise<void>;
};

export type Entrance = {
  /** Trades a link's code for a session, which is kept. @throws ApiProblem, Unreachable */
  redeem(code: string, name?: string): Promise<void>;
  client: Client;
  /** At the server, too, when that answers. */
  signOut(): Promise<void>;
  /** Who is signed in on this device. */
  identity(): SignedIn | undefined;
  /** What they may do. @throws ApiProblem when the session is over */
  enter(identity: SignedIn): Promise<Session>;
  /** Somebody gave this person another role: what they may do from now on. */
  onRole(handler: (me: Me) => void): void;
};

/** Nobody waits longer for a server to forget them. */
const SIGN_OUT_WAIT_MS = 5_000;

/** `onEnd`: somebody signed out, or the session ended for good. */
export function createEntrance(device: Device, onEnd: (reason: 'signed_out' | 'ended') => void): Entrance {
  const roles = new Set<(me: Me) => void>();
  let role: Me['role'] | undefined;
  // A changed role ends the access token, so that the connection renews the session within seconds, here or in another tab.
  const seen = (session: SignedIn | undefined): SignedIn | undefined => {
    if (session && role !== undefined && session.role !== role) {
      role = session.role;
      const tell = (me: Me): void => {
        for (const handler of roles) handler(me);
      };
      // Where the server says nothing that makes sense, everything stays as it was.
      void whoAmI(client, session).then(tell, () => {});
    }
    return session;
  };
  const store: SessionStore = {
    ...device.session,
    load: () => seen(device.session.load()),
    save(session) {
      device.session.save(session);
      seen(session);
    },
  };
  const tokens = createSessionSource({ url: location.origin, store });
  const client = createClient({ url: location.origin, tokens });
  tokens.onEnd(() => onEnd('ended'));

  async function signOut(): Promise<void> {
    // Without an answer it still ends here; the server forgets the session when it expires.
    await Promise.race([client.auth.logout().catch(() => {}), pause(SIGN_OUT_WAIT_MS)]);
    device.session.save(undefined);
    onEnd('signed_out');
  }

  return {
    signOut,
    async redeem(code, name) {
      device.session.save(await client.auth.redeem({ code, ...(name ? { name } : {}) }));
    },
    client,
    identity: () => device.session.load(),
    async enter(stored) {
      const me = await whoAmI(client, stored);
      role = me.role === 'node' ? undefined : me.role;
      const names = createNames(me, () => readNames(client));
      const documents = watchDocuments(client.documents);
      const sessionOf = (now: Me): Session => ({
        client,
        device,
        me: now,
        may: (action) => now.actions.includes(action),
        as: sessionOf,
        documents,
        names: names.store,
        nameOf: names.nameOf,
        named: names.named,
        learnName: names.learn,
        signOut,
      });
      return sessionOf(me);
    },
    onRole: (handler) => void roles.add(handler),
  };
}

/** As the server says; when nobody answers, as it was when they signed in, so that the page opens offline. */
async function whoAmI(client: Client, { user, name, team, role }: SignedIn): Promise<Me> {
  try {
    return await client.auth.me();
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    return { user, name, team, role, actions: [...ROLE_ACTIONS[role]] };
  }
}

async function readNames(client: Client): Promise<(readonly [user: string, name: string])[]> {
  return (await client.auth.members()).map(({ user, name }) => [user, name]);
}
