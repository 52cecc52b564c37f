// Variables in a text: proposed while one is typed, coloured where they stand, underlined when there is no such variable.
import {
  autocompletion,
  type Completion,
  type CompletionContext,
  type CompletionResult,
} from '@codemirror/autocomplete';
import { type Extension, StateEffect, StateField } from '@codemirror/state';
import {
  Decoration,
  type DecorationSet,
  type EditorView,
  MatchDecorator,
  ViewPlugin,
  type ViewUpdate,
} from '@codemirror/view';
import { VARIABLE_REFERENCE } from '@hakiri/contracts/config';
import { nearest } from '@hakiri/manifest/nearest';

/** Values by name. */
export type Defined = ReadonlyMap<string, string>;

export const setDefined = StateEffect.define<Defined>();
const VALUE_SHOWN_CHARS = 40;

/** `unknown` says of a name that there is no such variable, and which one may be meant. */
export function codeVariables(unknown: (name: string, meant: string | undefined) => string): Extension {
  const defined = StateField.define<Defined>({
    create: () => new Map(),
    update: (now, { effects }) => effects.findLast((effect) => effect.is(setDefined))?.value ?? now,
  });
  const decorator = new MatchDecorator({
    regexp: VARIABLE_REFERENCE,
    decoration(match, view) {
      const name = match[1] ?? '';
      const known = view.state.field(defined);
      if (known.has(name)) return Decoration.mark({ class: 'cm-variable' });
      const title = unknown(name, nearest(name, known.keys()));
      return Decoration.mark({ class: 'cm-unknownVariable', attributes: { title } });
    },
  });
  return [
    defined,
    autocompletion({
      override: [(context) => propose(context, context.state.field(defined))],
      icons: false,
    }),
    ViewPlugin.define(
      (view): { decorations: DecorationSet; update(update: ViewUpdate): void } => ({
        decorations: decorator.createDeco(view),
        update(update) {
          const isOther = update.startState.field(defined) !== update.state.field(defined);
          this.decorations = isOther
            ? decorator.createDeco(update.view)
            : decorator.updateDeco(update, this.decorations);
        },
      }),
      { decorations: (plugin) => plugin.decorations },
    ),
  ];
}

function propose(context: CompletionContext, defined: Defined): CompletionResult | null {
  const begun = context.matchBefore(/\$\{[A-Za-z0-9_]*/);
  if (!begun) return null;
  const options = [...defined].map(
    ([label, value]): Completion => ({
      label,
      detail: value.slice(0, VALUE_SHOWN_CHARS),
      apply: (view, _completion, from, to) => put(view, label, from, to),
    }),
  );
  return { from: begun.from + 2, options, validFor: /^[A-Za-z0-9_]*$/ };
}

/** With the brace that ends it, unless there is one. */
function put(view: EditorView, name: string, from: number, to: number): void {
  const end = view.state.sliceDoc(to, to + 1) === '}' ? to + 1 : to;
  view.dispatch({
    changes: { from, to: end, insert: `${name}}` },
    selection: { anchor: from + name.length + 1 },
    userEvent: 'input.complete',
  });
}
