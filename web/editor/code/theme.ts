// How the code editor looks: the page's tokens, which reach into its shadow root. Its rules become a constructed style sheet there,
// which our content policy allows and a style element in the page it does not.
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import type { Extension } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { tags } from '@lezer/highlight';

const PEOPLE = 8;
const people = Object.fromEntries(
  Array.from({ length: PEOPLE }, (_, index) => [
    `& .cm-person${index}`,
    { '--person': `var(--person-${index})` },
  ]),
);
const button = {
  minHeight: '1.5rem',
  border: '1px solid var(--line-strong)',
  borderRadius: 'var(--round)',
  background: 'var(--surface)',
  color: 'var(--text)',
  font: 'inherit',
  cursor: 'pointer',
};

const rules = EditorView.theme({
  '&': {
    border: '1px solid var(--line-strong)',
    borderRadius: 'var(--round)',
    background: 'var(--surface)',
    color: 'var(--text)',
    font: 'var(--size-base) / var(--line-height) var(--font)',
    overflow: 'hidden',
  },
  '&.cm-focused': { outline: '2px solid var(--accent)', outlineOffset: '1px' },
  '&[data-invalid]': { borderColor: 'var(--bad)' },
  '&[data-readonly]': { borderColor: 'var(--line)', background: 'var(--sunken)' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.55', maxHeight: '24rem', minHeight: '4.5rem' },
  // Room for the name above a caret in the first line.
  '.cm-content': { caretColor: 'var(--text)', padding: '1rem 0 var(--space-2)' },
  '.cm-line': { padding: '0 var(--space-2)' },
  '.cm-placeholder': { color: 'var(--text-faint)' },
  '.cm-variable': { color: 'var(--accent)', fontWeight: '600' },
  '.cm-unknownVariable': {
    textDecoration: 'underline wavy var(--bad)',
    textDecorationSkipInk: 'none',
    textUnderlineOffset: '3px',
  },
  '.cm-otherSelection': { background: 'color-mix(in srgb, var(--person) 25%, transparent)' },
  '.cm-otherCaret': {
    position: 'relative',
    margin: '0 -1px',
    borderLeft: '2px solid var(--person)',
    pointerEvents: 'none',
  },
  '.cm-otherName': {
    position: 'absolute',
    bottom: '100%',
    left: '-2px',
    padding: '0 3px',
    borderRadius: '3px 3px 3px 0',
    background: 'var(--person)',
    color: 'var(--surface)',
    font: '600 0.625rem / 1.4 var(--font)',
    whiteSpace: 'nowrap',
  },
  '.cm-panels': { background: 'var(--sunken)', color: 'var(--text)' },
  '.cm-panels.cm-panels-bottom': { borderTop: '1px solid var(--line)' },
  '.cm-panel.cm-search': {
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: 'var(--space-1)',
    padding: 'var(--space-2) 2rem var(--space-2) var(--space-2)',
    font: 'var(--size-small) / var(--line-height) var(--font)',
  },
  '.cm-panel.cm-search br': { flexBasis: '100%', content: '""' },
  '.cm-panel.cm-search label': { fontSize: 'inherit' },
  '.cm-textfield': {
    minHeight: '1.5rem',
    border: '1px solid var(--line-strong)',
    background: 'var(--surface)',
    font: 'inherit',
  },
  '.cm-button': { ...button, backgroundImage: 'none' },
  '.cm-panel.cm-search [name=close]': { minWidth: '1.5rem', minHeight: '1.5rem', color: 'var(--text)' },
  '.cm-searchMatch': { background: 'var(--warn-soft)', outline: '1px solid var(--warn)' },
  '.cm-tooltip': {
    border: '1px solid var(--line)',
    borderRadius: 'var(--round)',
    background: 'var(--raised)',
    boxShadow: 'var(--shadow)',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { font: 'var(--size-small) / 1.8 var(--mono)' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]': {
    background: 'var(--selected)',
    color: 'var(--text)',
  },
  '.cm-completionMatchedText': { fontWeight: '700', textDecoration: 'none' },
  '.cm-completionDetail': { color: 'var(--text-soft)', fontStyle: 'normal' },
  ...people,
});

const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.bool, tags.null], color: 'var(--person-5)' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--good)' },
  { tag: [tags.number], color: 'var(--warn)' },
  { tag: [tags.comment], color: 'var(--text-faint)', fontStyle: 'italic' },
  { tag: [tags.function(tags.variableName), tags.typeName, tags.propertyName], color: 'var(--person-2)' },
]);

export const theme: Extension = [rules, syntaxHighlighting(colours)];
