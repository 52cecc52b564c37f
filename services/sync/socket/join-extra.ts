// What a join tells every client: which versions of protocol, Loro and schema this server speaks, as whom it took the caller,
// and which peer ids it leases to it.
import { utf8 } from '@hakiri/base/bytes';
import { SCHEMA_VERSION, SCHEMA_VERSION_MIN } from '@hakiri/config-doc/shape';
import { type JoinExtra, LORO_RANGE, PROTOCOL_RANGE } from '@hakiri/contracts/join';

const SERVER = 'hakiri-sync/1';

export function joinExtra(user: string, peers: readonly string[] = []): Uint8Array {
  const extra: JoinExtra = {
    server: SERVER,
    protocol: PROTOCOL_RANGE,
    loro: LORO_RANGE,
    schema: [SCHEMA_VERSION_MIN, SCHEMA_VERSION],
    user,
    peers: [...peers],
  };
  return utf8(JSON.stringify(extra));
}
