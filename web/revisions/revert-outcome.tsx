// What became of a revert, document by document: live, waiting, refused, or just written.
import type { RevertedDocument, RevertResult } from '@hakiri/contracts/revert';
import type { Static } from '@sinclair/typebox';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Banner, type Tone } from '../parts/panel.tsx';
import { revisions as revisionsWords } from '../strings/en-revisions.ts';

const text = revisionsWords.revert;
type Document = Static<typeof RevertedDocument>;

export function RevertOutcome({ result, close }: { result: RevertResult; close(): void }) {
  return result.documents.map((one) => {
    const { tone, words, label } = outcomeOf(one);
    const way: ReactNode =
      label !== undefined ? (
        <Link to="/revisions/$label" params={{ label }} onClick={close}>
          {text.toRevision}
        </Link>
      ) : (
        <Link to="/docs/$doc/changes" params={{ doc: one.doc }} onClick={close}>
          {text.toChanges}
        </Link>
      );
    return (
      <Banner key={one.doc} tone={tone} actions={way}>
        {words}
      </Banner>
    );
  });
}

export function outcomeOf({ doc, pipelines, variables, apply }: Document): {
  tone: Tone;
  words: string;
  label?: string;
} {
  switch (apply?.state) {
    case undefined:
      return pipelines.length + variables.length === 0
        ? { tone: 'info', words: text.unchanged(doc) }
        : { tone: 'good', words: text.written(doc) };
    case 'published': {
      const label = apply.revision?.label;
      return label === undefined
        ? { tone: 'good', words: text.pending }
        : { tone: 'good', words: text.live(label), label };
    }
    case 'refused':
      return { tone: 'bad', words: text.refused(apply.problem?.detail ?? '') };
    case 'pending':
      return { tone: 'info', words: text.pending };
    case 'awaiting_approval':
    case 'scheduled':
      return { tone: 'info', words: text.waiting };
  }
}
