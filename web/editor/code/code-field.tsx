// A field for code that several people write: its label, the editor, what is wrong, and how to leave it by key. The editor itself
// is loaded when the field comes near to what is seen; until then its text can be read.
import type { PresenceCursor } from '@hakiri/contracts/presence';
import { type FocusEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { announce } from '../../parts/announce.ts';
import { Button } from '../../parts/button.tsx';
import field from '../../parts/field.module.css';
import { type FieldIssue, Issues } from '../../parts/field.tsx';
import { Banner } from '../../parts/panel.tsx';
import { strings } from '../../strings/strings.ts';
import type { Caret } from './carets.ts';
import type { CodeEditor } from './code-editor.ts';
import classes from './code-field.module.css';
import type { Defined } from './code-variables.ts';
import type { Language } from './language.ts';
import type { SharedText } from './shared-text.ts';
import { useNearView } from './use-near-view.ts';

const text = strings.editor.code;

export function CodeField(props: {
  label: string;
  aside?: ReactNode;
  issues: readonly FieldIssue[];
  canEdit: boolean;
  /** The same object for as long as it is the same text. */
  text: SharedText;
  language: Language;
  carets: readonly Caret[];
  defined: Defined;
  'data-field': string;
  focused(cursor: PresenceCursor): void;
  blurred(): void;
}) {
  const { label, aside, issues, canEdit, language, carets, defined } = props;
  const id = useId();
  const host = useRef<HTMLDivElement>(null);
  const hint = useRef<HTMLParagraphElement>(null);
  const isNear = useNearView(host);
  const description = [...issues.map(({ message }) => message), text.hint].join(' ');
  const isInvalid = issues.some(({ severity }) => severity === 'error');
  const looks = { label, description, isInvalid, isReadOnly: !canEdit };
  const latest = useRef({ looks, ...props });
  latest.current = { looks, ...props };
  const { editor, hasFailed, tryAgain } = useEditor({ host, latest, shared: props.text, isNear, hint });
  useEffect(
    () => editor?.setState({ label, description, isInvalid, isReadOnly: !canEdit }),
    [editor, label, description, isInvalid, canEdit],
  );
  useEffect(() => editor?.setCarets(carets), [editor, carets]);
  useEffect(() => editor?.setDefined(defined), [editor, defined]);
  useEffect(() => editor?.setLanguage(language), [editor, language]);

  // Who is led here by an address is led into the text, also when it arrives later.
  const wantsFocus = useRef(false);
  useEffect(() => {
    if (editor && wantsFocus.current) editor.focus();
  }, [editor]);
  const onFocus = ({ target, currentTarget }: FocusEvent): void => {
    if (target !== currentTarget) return;
    wantsFocus.current = true;
    editor?.focus();
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would say more than that these belong together
    <div
      className={field.field}
      role="group"
      aria-labelledby={id}
      data-field={props['data-field']}
      tabIndex={-1}
      onFocus={onFocus}
    >
      <div className={field.label}>
        <span id={id}>{label}</span>
        {aside}
      </div>
      {hasFailed && (
        <Banner tone="bad" actions={<Button onClick={tryAgain}>{strings.parts.tryAgain}</Button>}>
          {text.failed}
        </Banner>
      )}
      <div ref={host} className={classes.host} data-undo="">
        <pre className={classes.waiting}>{props.text.read()}</pre>
      </div>
      <Issues issues={issues} />
      <p ref={hint} tabIndex={-1} className={classes.hint}>
        {text.hint}
      </p>
    </div>
  );
}

type Latest = Parameters<typeof CodeField>[0] & { looks: Parameters<CodeEditor['setState']>[0] };

function useEditor({
  host,
  latest,
  shared,
  isNear,
  hint,
}: {
  host: { current: HTMLDivElement | null };
  latest: { current: Latest };
  shared: SharedText;
  isNear: boolean;
  hint: { current: HTMLElement | null };
}) {
  const [editor, setEditor] = useState<CodeEditor>();
  const [failures, setFailures] = useState({ count: 0, tried: 0 });
  // biome-ignore lint/correctness/useExhaustiveDependencies: another try is another run
  useEffect(() => {
    if (!isNear) return;
    let isGone = false;
    let made: CodeEditor | undefined;
    import('./code-editor.ts').then(
      ({ createCodeEditor }) => {
        if (isGone || !host.current) return;
        made = createCodeEditor(host.current, {
          text: shared,
          looks: latest.current.looks,
          words: text,
          focused: (cursor) => latest.current.focused(cursor),
          blurred: () => latest.current.blurred(),
          leave: () => hint.current?.focus({ preventScroll: true }),
          tooLong: () => announce(text.tooLong),
        });
        setEditor(made);
      },
      () => setFailures(({ count, tried }) => ({ count: count + 1, tried })),
    );
    return () => {
      isGone = true;
      made?.destroy();
      setEditor(undefined);
    };
  }, [shared, isNear, host, latest, hint, failures.tried]);
  return {
    editor,
    hasFailed: failures.count > failures.tried,
    tryAgain: () => setFailures(({ count }) => ({ count, tried: count })),
  };
}
