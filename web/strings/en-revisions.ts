// Sentences of the room `revisions`.

export const revisions = {};
