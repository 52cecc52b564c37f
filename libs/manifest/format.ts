// The format that a manifest is written in. It grows when a reader of the one before could not read what is written; readers know
// the last two. Golden files of each: golden/.
export const MANIFEST_FORMAT = 1;
/** What readers read; a file that names none is read as the newest. */
export const READABLE_FORMATS: readonly number[] = [1];
