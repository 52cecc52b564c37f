// Who changed what of this pipeline, and when, as far back as the server keeps it; read when somebody unfolds it.
import type { HistoryEntry } from '@hakiri/contracts/notice';
import { useState } from 'react';
import { useStore } from '../../live/use-store.ts';
import { Button } from '../../parts/button.tsx';
import { failureSentence } from '../../parts/failure.ts';
import { Moment } from '../../parts/moment.tsx';
import { Banner, Waiting } from '../../parts/panel.tsx';
import { PersonName } from '../../parts/person-name.tsx';
import { useSession, useWorkspace } from '../../screen/context.ts';
import { strings } from '../../strings/strings.ts';
import { fieldLabel } from '../../together/field-label.ts';
import classes from './form.module.css';

const text = strings.form.history;
const PAGE = 20;

type Read = { entries: readonly HistoryEntry[]; next?: string; isCut: boolean };

export function HistorySection({ pipelineKey }: { pipelineKey: string }) {
  const { docId } = useWorkspace();
  const { client } = useSession();
  const [read, setRead] = useState<Read>();
  const [failure, setFailure] = useState<string>();
  const load = async (before?: string): Promise<void> => {
    try {
      const query = { pipeline: pipelineKey, limit: PAGE, ...(before ? { before } : {}) };
      const { entries, next, isCut } = await client.documents.history(docId, query);
      const earlier = before ? (read?.entries ?? []) : [];
      setRead({ entries: [...earlier, ...entries], isCut, ...(next ? { next } : {}) });
      setFailure(undefined);
    } catch (error) {
      setFailure(failureSentence(error));
    }
  };
  return (
    <details
      className={classes.history}
      onToggle={({ currentTarget }) => {
        if (currentTarget.open) void load();
      }}
    >
      <summary>{text.open}</summary>
      {failure && (
        <Banner tone="bad" actions={<Button onClick={() => load()}>{text.again}</Button>}>
          {text.failed} {failure}
        </Banner>
      )}
      {!read && !failure && <Waiting>{strings.parts.loading}</Waiting>}
      {read?.entries.length === 0 && <p className={classes.quiet}>{text.none}</p>}
      {read && <Entries entries={read.entries} />}
      {read?.next && <Button onClick={() => load(read.next)}>{strings.parts.loadMore}</Button>}
      {read?.isCut && !read.next && <p className={classes.quiet}>{text.cut}</p>}
    </details>
  );
}

function Entries({ entries }: { entries: readonly HistoryEntry[] }) {
  const { names, nameOf } = useSession();
  useStore(names);
  return (
    <ol className={classes.entries}>
      {entries.map((entry) => (
        <li key={`${entry.peer}/${entry.from}`} className={classes.entry}>
          <PersonName className={classes.author}>{nameOf(entry.user)}</PersonName>
          <span className={classes.fields}>{fieldsOf(entry)}</span>
          <span className={classes.quiet}>
            <Moment at={entry.at} />
          </span>
        </li>
      ))}
    </ol>
  );
}

function fieldsOf({ changes }: HistoryEntry): string {
  const names = changes.flatMap(({ root, fields }) =>
    fields.map((field) => {
      if (root === 'transforms') return text.transform(field);
      return field === '' ? text.made : fieldLabel(field);
    }),
  );
  return [...new Set(names)].join(', ');
}
