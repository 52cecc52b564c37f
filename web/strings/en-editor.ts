// Sentences of the editor.

export const editor = {};
