// Reads a document from its log in the scratch host, without opening it: nothing has to be written for that.
import { encodeVersion } from '@hakiri/config-doc/version';
import type { DocVersion } from '@hakiri/contracts/names';
import type { DocumentId, DocumentLog } from '@hakiri/substrate/document-log';
import type { Query, QueryName, QueryValue } from '../host/queries.ts';
import { ScratchFailed, type ScratchHost } from '../pool/scratch-host.ts';

/** @throws ScratchFailed, ScratchLost, DocumentBusy */
export function readStored<N extends QueryName>(
  { log, scratch }: { log: DocumentLog; scratch: ScratchHost },
  id: DocumentId,
  query: Extract<Query, { name: N }>,
): Promise<{ value: QueryValue<N>; version: DocVersion }> {
  return scratch.run(async (ask) => {
    const { counters } = await ask('read', await log.read(id));
    const version = new Map(counters);
    const read = await ask('readAt', { version, query });
    if (read.kind !== 'read') throw new ScratchFailed('its own version is unknown to it');
    // Each query is answered with its own value.
    return { value: read.value as QueryValue<N>, version: encodeVersion(version) };
  });
}
