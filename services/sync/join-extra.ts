// What a join tells every client: which versions of protocol and schema this server speaks, and as whom it took the caller.
import { utf8 } from '@hakiri/base/bytes';
import { SCHEMA_VERSION, SCHEMA_VERSION_MIN } from '@hakiri/config-doc/schema';
import type { JoinExtra } from '@hakiri/contracts/sync';

const SERVER = 'hakiri-sync/1';
const PROTOCOL: JoinExtra['protocol'] = [1, 1];

export function joinExtra(user: string): Uint8Array {
  const extra: JoinExtra = {
    server: SERVER,
    protocol: PROTOCOL,
    schema: [SCHEMA_VERSION_MIN, SCHEMA_VERSION],
    user,
  };
  return utf8(JSON.stringify(extra));
}
