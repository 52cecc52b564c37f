// Sentences of the room `changes`.

export const changes = {};
