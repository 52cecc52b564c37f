// With what sync closes a socket: docs/protocol.md says what a client does then.

export const CLOSE_PROTOCOL = 1002;
export const CLOSE_HARMFUL = 1008;
export const CLOSE_RESTART = 1012;
export const CLOSE_TRY_LATER = 1013;
export const CLOSE_SIGNED_OUT = 4401;
