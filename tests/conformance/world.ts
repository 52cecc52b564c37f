// The world of the conformance suite: a deployment that has just been started, its owner, and people with roles who joined
// by invitation. Everything goes through the public API, so the suite runs against any base URL.
import { join as joinPath } from 'node:path';
import { type Client, createClient } from '@hakiri/client/client';
import type { MemberRole } from '@hakiri/contracts/roles';
import type { Deployment } from '../deployments.ts';
import { join, type Person, type Seat } from '../people.ts';

export type World = {
  deployment(): Deployment;
  /** A client with the owner's token. */
  owner(): Client;
  /** Somebody new, invited with this role: their API client, their token and a seat for their editor. */
  invite(name: string, role: MemberRole): Promise<Guest>;
  url(): string;
};

export type Guest = { user: string; client: Client; token: string; seat: Seat; edit(): Promise<Person> };

const EXAMPLE = joinPath(import.meta.dir, '../../examples/hakiri.toml');

export function createWorld(deployment: () => Deployment): World {
  const owner = (): Client =>
    createClient({ url: deployment().ready().url, token: deployment().ready().ownerToken });
  return {
    deployment,
    owner,
    url: () => deployment().ready().url,
    invite: async (name, role) => {
      const { url, team, doc } = deployment().ready();
      const link = await owner().auth.createLink({ kind: 'invite', name, role });
      const session = await createClient({ url }).auth.redeem({ code: link.code });
      const token = session.accessToken;
      const seat = { url, team, doc, token };
      return {
        user: session.user,
        client: createClient({ url, token }),
        token,
        seat,
        edit: () => join(name, seat),
      };
    },
  };
}

export async function exampleText(): Promise<string> {
  return Bun.file(EXAMPLE).text();
}
