// What a host's thread shows to the main thread at any time, also while it is inside Loro: a few numbers that both see.

/** How many orders were begun: the last of them is the one that hangs, when one does. */
export const BEGUN = 0;
/** How large the wasm instance's memory is. */
export const PAGES = 1;
/** How many of those that were begun last are performed together. */
export const TOGETHER = 2;
export const PROGRESS_SLOTS = 3;

export const PAGE_BYTES = 64 * 1024;
