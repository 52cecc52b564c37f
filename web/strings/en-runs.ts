// Sentences of the room `runs`.

export const runs = {};
