// The document's shape as far as it is names and numbers: known also where no document is, and so no Loro, which is large.

/** The range of `meta.schemaVersion` that this code reads and writes. */
export const SCHEMA_VERSION = 1;
export const SCHEMA_VERSION_MIN = 1;
export const SCHEMA_VERSION_FIELD = 'schemaVersion';

/** Fields of a pipeline that are maps of plain values. */
export const MAP_FIELDS = ['source', 'destination', 'schedule', 'placement', 'schema', 'tags'] as const;
/** Fields of a pipeline that people type into together. */
export const TEXT_FIELDS = ['name', 'description'] as const;
export type MapField = (typeof MAP_FIELDS)[number];
export type TextField = (typeof TEXT_FIELDS)[number];
