// A group goes to another document of the team, with the pipelines in it: which one, what that means for what is live, and what
// became of it.
import type { MoveResult } from '@hakiri/contracts/sync';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { GroupNode } from '../../live/groups.ts';
import { useStore } from '../../live/use-store.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { failureSentence } from '../../parts/failure.ts';
import { SelectField } from '../../parts/field.tsx';
import { Banner } from '../../parts/panel.tsx';
import { useSession, useWorkspace } from '../../screen/context.ts';
import { strings } from '../../strings/strings.ts';
import { abovePath } from './group-writes.ts';

const text = strings.list.toDocument;

export function GroupToDocumentDialog({
  node,
  select,
  close,
}: {
  node: GroupNode;
  select(path: string): void;
  close(): void;
}) {
  const { client, documents } = useSession();
  const { connection, docId, groupCounts } = useWorkspace();
  const others = useStore(documents.list).filter(({ doc }) => doc !== docId);
  const count = useStore(groupCounts.counts).get(node.path) ?? 0;
  const [asked] = useState(count);
  const [chosen, setChosen] = useState<string>();
  const [result, setResult] = useState<MoveResult>();
  const [failure, setFailure] = useState<string>();
  const target = others.find(({ doc }) => doc === chosen) ?? others[0];
  const isDone = result?.state === 'done';

  const move = async (): Promise<void> => {
    if (!target || count === 0) return;
    setFailure(undefined);
    try {
      // The server moves what it has: what was typed here goes along.
      if (connection.status().kind === 'offline') throw new Error(text.offline);
      await connection.saved();
      const outcome = await client.documents.moveGroup(docId, { group: node.path, to: target.doc });
      setResult(outcome);
      if (outcome.state === 'done') select(abovePath(node.path));
    } catch (error) {
      setFailure(`${text.failed} ${failureSentence(error)}`);
    }
  };
  return (
    <Dialog
      title={text.title(node.name)}
      isOpen
      close={close}
      {...(isDone ? {} : { onSubmit: move })}
      actions={
        isDone ? (
          <Button look="primary" onClick={close}>
            {strings.parts.close}
          </Button>
        ) : (
          <>
            <Button onClick={close}>{strings.parts.cancel}</Button>
            <Button type="submit" look="primary" disabled={!target || count === 0}>
              {result ? text.again : text.submit}
            </Button>
          </>
        )
      }
    >
      {failure && <Banner tone="bad">{failure}</Banner>}
      {result && target ? (
        <Outcome result={result} asked={asked} target={target} close={close} />
      ) : (
        <>
          <SelectField
            label={text.label}
            value={target?.doc ?? ''}
            options={others.map(({ doc, title }) => ({ value: doc, label: title }))}
            onChange={({ currentTarget }) => setChosen(currentTarget.value)}
          />
          <p>{count === 0 ? text.empty : text.what(count, target?.title ?? '')}</p>
          {count > 0 && <p>{text.live(target?.title ?? '')}</p>}
        </>
      )}
    </Dialog>
  );
}

function Outcome({
  result: { state, remaining, variables },
  asked,
  target: { doc, title },
  close,
}: {
  result: MoveResult;
  asked: number;
  target: { doc: string; title: string };
  close(): void;
}) {
  if (state === 'unfinished')
    return (
      <>
        <Banner tone="warn">{text.unfinished}</Banner>
        <ul>
          {remaining.map(({ key, id, why }) => (
            <li key={key}>
              <code>{id}</code>: {text.why[why]}
            </li>
          ))}
        </ul>
      </>
    );
  return (
    <>
      <Banner
        tone="good"
        actions={
          <Link to="/docs/$doc/changes" params={{ doc }} onClick={close}>
            {text.toChanges(title)}
          </Link>
        }
      >
        {text.done(asked, title)}
      </Banner>
      <p>{text.next(title)}</p>
      {variables.copied.length > 0 && <p>{text.copied(variables.copied)}</p>}
      {variables.differing.length > 0 && (
        <Banner tone="warn">{text.differing(variables.differing, title)}</Banner>
      )}
    </>
  );
}
