// A pipeline that was deleted while somebody had it open, or that was never there: said, with a way to have it back.
import { commitEdit } from '@hakiri/config-doc/edit';
import { putPipeline } from '@hakiri/config-doc/reconcile';
import type { PipelineDraft } from '@hakiri/contracts/config';
import { Trash2 } from 'lucide-react';
import { useCallback, useLayoutEffect, useRef } from 'react';
import { textOf } from '../../live/text-of.ts';
import { useLoaded } from '../../live/use-loaded.ts';
import { useStore } from '../../live/use-store.ts';
import { announce } from '../../parts/announce.ts';
import { Button } from '../../parts/button.tsx';
import { Empty } from '../../parts/panel.tsx';
import { useSession, useWorkspace } from '../../screen/context.ts';
import { strings } from '../../strings/strings.ts';
import { noticesOf } from '../../together/notice-told.ts';
import { deleterOf } from './deleter.ts';

const text = strings.form.gone;

/** `last`: as it was seen here; absent when it was not. */
export function Gone({
  pipelineKey,
  last,
  close,
}: {
  pipelineKey: string;
  last: PipelineDraft | undefined;
  close(): void;
}) {
  const { docId, connection, notices, canEdit } = useWorkspace();
  const { client, names, nameOf } = useSession();
  useStore(names);
  const mayEdit = useStore(canEdit);
  const notice = noticesOf(useStore(notices), pipelineKey).find(
    ({ entity, kind }) => entity.root === 'pipelines' && kind !== 'same_field',
  );
  const wasSeen = last !== undefined;
  // Who typed nothing meanwhile has no notice, and the history knows.
  const isToAsk = wasSeen && notice === undefined;
  const ask = useCallback(async () => {
    const { entries } = await client.documents.history(docId, { pipeline: pipelineKey, limit: 1 });
    return deleterOf(entries, pipelineKey);
  }, [client, docId, pipelineKey]);
  const asked = useLoaded(isToAsk ? ask : undefined);
  const deleter =
    notice?.kind === 'edit_discarded' ? notice.won.user : asked.kind === 'loaded' ? asked.value : undefined;
  /** What a notice offers has the edits that met the deletion; without one, as it was here. */
  const restore = (): void => {
    const { doc } = connection;
    const isBack =
      (notice?.take?.kind === 'restore' && connection.notices().take(notice)) ||
      (last !== undefined && commitEdit(doc, 'page', () => putPipeline(doc, last)));
    announce(isBack ? strings.together.conflicts.restored : text.failed);
  };
  // Where the cursor was is gone with the form. The message, as a key still on its way would press a button.
  const message = useRef<HTMLParagraphElement>(null);
  useLayoutEffect(() => {
    if (wasSeen && document.activeElement === document.body) message.current?.focus();
  }, [wasSeen]);
  const canRestore = mayEdit && (last !== undefined || notice?.take?.kind === 'restore');
  const name = textOf(last?.id) || notice?.entity.name || strings.form.noId;
  const isKnown = last !== undefined || notice !== undefined;
  return (
    <Empty icon={<Trash2 aria-hidden />} title={isKnown ? text.title(name) : text.unknownTitle}>
      <p ref={message} tabIndex={-1} role="alert">
        {!isKnown ? text.unknown : deleter ? text.by(nameOf(deleter)) : text.byNobody}
      </p>
      {canRestore && (
        <>
          <Button look="primary" onClick={restore}>
            {text.back}
          </Button>
          <p>{text.backHint}</p>
        </>
      )}
      <Button onClick={close}>{strings.parts.close}</Button>
    </Empty>
  );
}
