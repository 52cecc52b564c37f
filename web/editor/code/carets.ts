// Where others are in the text: their caret with their name, and what they have selected. Between two words from them, their
// places move with what is typed.
import { type Extension, StateEffect, StateField, type Transaction } from '@codemirror/state';
import { Decoration, type DecorationSet, EditorView, WidgetType } from '@codemirror/view';
import { isFromDocument } from './shared-text.ts';

export type Caret = {
  /** Of one window. */
  id: string;
  name: string;
  /** One of the eight colours of people. */
  colour: number;
  anchor: number;
  head: number;
};

export const setCarets = StateEffect.define<readonly Caret[]>();

class CaretWidget extends WidgetType {
  private readonly name: string;
  private readonly colour: number;
  constructor({ name, colour }: Caret) {
    super();
    this.name = name;
    this.colour = colour;
  }
  override eq(other: CaretWidget): boolean {
    return other.name === this.name && other.colour === this.colour;
  }
  toDOM(): HTMLElement {
    const caret = document.createElement('span');
    caret.className = `cm-otherCaret cm-person${this.colour}`;
    caret.ariaHidden = 'true';
    const name = caret.appendChild(document.createElement('span'));
    name.className = 'cm-otherName';
    name.textContent = this.name;
    return caret;
  }
  override ignoreEvent(): boolean {
    return true;
  }
}

type Shown = { carets: readonly Caret[]; decorations: DecorationSet };

const field = StateField.define<Shown>({
  create: () => ({ carets: [], decorations: Decoration.none }),
  update(shown, transaction) {
    const told = transaction.effects.findLast((effect) => effect.is(setCarets));
    if (!told && (!transaction.docChanged || shown.carets.length === 0)) return shown;
    const carets = told?.is(setCarets)
      ? told.value.map((caret) => within(caret, transaction.newDoc.length))
      : shown.carets.map((caret) => moved(caret, transaction));
    return { carets, decorations: drawn(carets) };
  },
  provide: (of) => EditorView.decorations.from(of, ({ decorations }) => decorations),
});

export const carets: Extension = field;

/** They may have seen a longer text than we have. */
function within(caret: Caret, length: number): Caret {
  const { anchor, head } = caret;
  return { ...caret, anchor: Math.min(anchor, length), head: Math.min(head, length) };
}

/** What another types at their caret stands before it afterwards; what we type there, behind it. */
function moved(caret: Caret, transaction: Transaction): Caret {
  const side = isFromDocument(transaction) ? 1 : -1;
  const { anchor, head } = caret;
  const at = (place: number): number => transaction.changes.mapPos(place, side);
  return { ...caret, anchor: at(anchor), head: at(head) };
}

function drawn(list: readonly Caret[]): DecorationSet {
  const ranges = list.flatMap((caret) => {
    const { anchor, head, colour } = caret;
    const [from, to] = [Math.min(anchor, head), Math.max(anchor, head)];
    const widget = Decoration.widget({ widget: new CaretWidget(caret), side: 1 }).range(head);
    if (from === to) return [widget];
    const selection = Decoration.mark({ class: `cm-otherSelection cm-person${colour}` });
    return [selection.range(from, to), widget];
  });
  return Decoration.set(ranges, true);
}
