// From what size on a document is warmed up (warm-up.ts), also for who runs no document and loads no Loro.

/** Bytes of a base, about 400 pipelines, from which on people would notice. Below, nothing is done that may not be needed. */
export const COLD_BASE_BYTES = 4 * 1024 * 1024;
