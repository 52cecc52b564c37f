// A code editor in a shadow root of its own: its styles reach nothing else, and are allowed to be there at all. Loaded lazily; what
// is around it is code-field.tsx.
import { defaultKeymap, indentWithTab } from '@codemirror/commands';
import { bracketMatching, indentUnit } from '@codemirror/language';
import { search, searchKeymap } from '@codemirror/search';
import { Compartment, EditorState, Prec } from '@codemirror/state';
import { EditorView, keymap, placeholder } from '@codemirror/view';
import type { PresenceCursor } from '@hakiri/contracts/presence';
import { type Caret, carets, setCarets } from './carets.ts';
import { codeVariables, type Defined, setDefined } from './code-variables.ts';
import { type Language, loadLanguage } from './language.ts';
import { type SharedText, sharedText } from './shared-text.ts';
import { theme } from './theme.ts';

export type CodeEditor = {
  focus(): void;
  setCarets(carets: readonly Caret[]): void;
  setDefined(defined: Defined): void;
  setLanguage(language: Language): void;
  setState(state: EditorLooks): void;
  destroy(): void;
};
export type EditorLooks = {
  label: string;
  /** What is wrong and how to leave, for who cannot see what stands below. */
  description: string;
  isInvalid: boolean;
  isReadOnly: boolean;
};
export type EditorWords = {
  placeholder: string;
  unknownVariable(name: string, meant: string | undefined): string;
  /** Sentences of CodeMirror by its own. */
  phrases: Readonly<Record<string, string>>;
};

const DESCRIPTION_ID = 'description';

/** `host` shows nothing but the editor from now on. */
export function createCodeEditor(
  host: HTMLElement,
  options: {
    text: SharedText;
    looks: EditorLooks;
    words: EditorWords;
    /** Each time the selection is another, and when the focus comes. */
    focused(cursor: PresenceCursor): void;
    blurred(): void;
    /** Escape, with nothing left to close. */
    leave(): void;
    tooLong(): void;
  },
): CodeEditor {
  const { text, words, focused, blurred, leave, tooLong } = options;
  const root = host.shadowRoot ?? host.attachShadow({ mode: 'open' });
  const description = document.createElement('div');
  description.id = DESCRIPTION_ID;
  description.hidden = true;
  const looks = new Compartment();
  const language = new Compartment();
  let languageNow: Language = 'plain';
  let isGone = false;

  const look = ({ label, isInvalid, isReadOnly }: EditorLooks) => [
    EditorState.readOnly.of(isReadOnly),
    isReadOnly ? [] : placeholder(words.placeholder),
    EditorView.contentAttributes.of({
      'aria-label': label,
      'aria-describedby': DESCRIPTION_ID,
      ...(isInvalid ? { 'aria-invalid': 'true' } : {}),
      ...(isReadOnly ? { 'aria-readonly': 'true' } : {}),
    }),
    EditorView.editorAttributes.of({
      ...(isInvalid ? { 'data-invalid': '' } : {}),
      ...(isReadOnly ? { 'data-readonly': '' } : {}),
    }),
  ];
  const view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      doc: text.read(),
      extensions: [
        sharedText(text, tooLong),
        carets,
        // Around what a language colours, so that a reference is one piece.
        Prec.high(codeVariables(words.unknownVariable)),
        search(),
        bracketMatching(),
        indentUnit.of('  '),
        EditorView.lineWrapping,
        EditorState.phrases.of(words.phrases),
        keymap.of([
          ...searchKeymap,
          ...defaultKeymap,
          indentWithTab,
          { key: 'Escape', run: () => leave() === undefined },
        ]),
        looks.of(look(options.looks)),
        language.of([]),
        theme,
        EditorView.updateListener.of(
          ({ view: { hasFocus, state }, focusChanged, selectionSet, docChanged }) => {
            if (focusChanged && !hasFocus) blurred();
            else if (hasFocus && (focusChanged || selectionSet || docChanged)) {
              const { anchor, head } = state.selection.main;
              focused({ anchor, head });
            }
          },
        ),
      ],
    }),
  });
  description.textContent = options.looks.description;
  root.append(description);

  return {
    focus: () => view.focus(),
    setCarets: (list) => view.dispatch({ effects: setCarets.of(list) }),
    setDefined: (defined) => view.dispatch({ effects: setDefined.of(defined) }),
    setLanguage(wanted) {
      if (wanted === languageNow) return;
      languageNow = wanted;
      // Without its colours a text can be read and written all the same.
      loadLanguage(wanted).then(
        (extension) => {
          if (!isGone && wanted === languageNow) view.dispatch({ effects: language.reconfigure(extension) });
        },
        () => {},
      );
    },
    setState(state) {
      description.textContent = state.description;
      view.dispatch({ effects: looks.reconfigure(look(state)) });
    },
    destroy() {
      isGone = true;
      view.destroy();
      description.remove();
    },
  };
}
