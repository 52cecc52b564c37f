// Where Ctrl+Z takes back an edit of the document: everywhere, but in inputs that are not of the document. Those of it carry
// `data-undo`, as the browser's own undo in them would write old texts over what others have typed since.

export function isOfDocument(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return true;
  if (target.closest('[data-undo]') !== null) return true;
  if (target.isContentEditable || target.matches('textarea')) return false;
  return !(target instanceof HTMLInputElement) || ['checkbox', 'radio', 'button'].includes(target.type);
}
