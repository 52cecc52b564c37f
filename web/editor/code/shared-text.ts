// A text of the document in a code editor, letter by letter: what is typed becomes operations at their places, and what others
// type, or an undo takes back, becomes changes of the editor.
//
// Not `loro-codemirror` (0.3.3): it stops at the first event of an import that is about something else, so that the editor falls
// behind the document; it shows no local change that was not made in the editor, such as our undo; and it commits without an origin.
import { Annotation, type ChangeSpec, EditorState, type Extension, Transaction } from '@codemirror/state';
import { EditorView, ViewPlugin, type ViewUpdate } from '@codemirror/view';
import type { Delta } from 'loro-crdt';
import { changed } from '../form/typed-text.ts';

/** From `from` so many characters go and `insert` comes, in UTF-16 units, as everything before it has been made. */
export type Splice = { at: number; remove: number; insert: string };
export type SharedText = {
  read(): string;
  /** `delta` is what changed; undefined when it may be another text altogether. Told at once. Returns how to stop it. */
  subscribe(listener: (delta: readonly Delta<string>[] | undefined) => void): () => void;
  /** As one step. */
  write(splices: readonly Splice[]): void;
};

/** Many times what validation lets through, and little enough to be sent. */
export const LIMIT_CHARS = 256 * 1024;
const isShown = Annotation.define<true>();

/** Whether the editor only shows what has happened in the document. */
export function isFromDocument(transaction: Transaction): boolean {
  return transaction.annotation(isShown) === true;
}

/** The editor begins with `text.read()`. `tooLong` is told of what was not taken. */
export function sharedText(text: SharedText, tooLong: () => void): Extension {
  return [
    // Otherwise a carriage return would be no character in the editor and one in the document.
    EditorState.lineSeparator.of('\n'),
    EditorView.clipboardInputFilter.of((pasted) => pasted.replace(/\r\n?/g, '\n')),
    EditorState.transactionFilter.of((transaction) => {
      const { newDoc, startState } = transaction;
      if (!transaction.docChanged || isFromDocument(transaction)) return transaction;
      if (newDoc.length <= Math.max(LIMIT_CHARS, startState.doc.length)) return transaction;
      tooLong();
      return [];
    }),
    ViewPlugin.define((view) => {
      let isWriting = false;
      const stop = text.subscribe((delta) => {
        if (!isWriting) show(view, text.read(), delta);
      });
      return {
        update(update) {
          if (!update.docChanged || update.transactions.some(isFromDocument)) return;
          isWriting = true;
          text.write(splicesOf(update));
          isWriting = false;
        },
        destroy: stop,
      };
    }),
  ];
}

function splicesOf({ changes }: ViewUpdate): Splice[] {
  const splices: Splice[] = [];
  changes.iterChanges((fromA, toA, fromB, _toB, inserted) => {
    const insert = inserted.sliceString(0, inserted.length, '\n').toWellFormed();
    splices.push({ at: fromB, remove: toA - fromA, insert });
  });
  return splices;
}

function show(view: EditorView, now: string, delta: readonly Delta<string>[] | undefined): void {
  const before = view.state.doc.toString();
  if (now === before) return;
  const exact = delta && changesOf(delta, before.length);
  const isRight = exact !== undefined && view.state.changes(exact).apply(view.state.doc).toString() === now;
  view.dispatch({
    changes: isRight ? exact : difference(before, now),
    annotations: [isShown.of(true), Transaction.remote.of(true)],
  });
}

/** Undefined when it is about a longer text than there is. */
export function changesOf(delta: readonly Delta<string>[], length: number): ChangeSpec[] | undefined {
  const changes: ChangeSpec[] = [];
  let at = 0;
  for (const { insert, delete: removed, retain } of delta) {
    if (insert !== undefined) changes.push({ from: at, insert });
    else if (removed !== undefined) {
      changes.push({ from: at, to: at + removed });
      at += removed;
    } else at += retain ?? 0;
    if (at > length) return undefined;
  }
  return changes;
}

/** What is between the common beginning and the common end. */
export function difference(before: string, after: string): { from: number; to: number; insert: string } {
  const { start, end } = changed(before, after);
  return { from: start, to: before.length - end, insert: after.slice(start, after.length - end) };
}
