// A pipeline draft that is valid as it is, for tests that are about something else.
import type { PipelineDraft } from '@hakiri/contracts/config';

/** Named `id` throughout. */
export function pipelineDraft(key: string, id: string, fields: Partial<PipelineDraft> = {}): PipelineDraft {
  return {
    key,
    id,
    name: id,
    description: '',
    tags: [],
    group: '',
    enabled: true,
    source: { kind: 'csv-file', ref: 'a.csv' },
    destination: { table: 'a' },
    schedule: { kind: 'every', expr: '1h' },
    placement: { kind: 'auto' },
    transforms: [],
    schema: {},
    ...fields,
  };
}
