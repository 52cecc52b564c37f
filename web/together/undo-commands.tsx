// Undo and redo by key, by name and by button. What somebody else has changed since stays, and the news says so.
import type { LoroDoc } from 'loro-crdt';
import { Redo2, Undo2 } from 'lucide-react';
import { ownerOf } from '../live/undo-places.ts';
import { useStore } from '../live/use-store.ts';
import type { Workspace } from '../live/workspace.ts';
import { announce } from '../parts/announce.ts';
import { IconButton } from '../parts/button.tsx';
import { useCommands } from '../screen/commands.ts';
import { useWorkspace } from '../screen/context.ts';
import { strings } from '../strings/strings.ts';
import { fieldLabel } from './field-label.ts';
import { isOfDocument } from './undo-target.ts';

const text = strings.together;
/** Places that one sentence names. */
const NAMED = 3;

export function useUndoCommands(): void {
  const workspace = useWorkspace();
  const canEdit = useStore(workspace.canEdit);
  useCommands(
    canEdit
      ? [
          {
            id: 'undo',
            label: text.undo,
            keys: 'Mod+z',
            isFor: isOfDocument,
            run: () => take(workspace, 'undo'),
          },
          {
            id: 'redo',
            label: text.redo,
            keys: 'Mod+Shift+z',
            isFor: isOfDocument,
            run: () => take(workspace, 'redo'),
          },
        ]
      : [],
  );
}

export function UndoButtons({ className }: { className?: string | undefined }) {
  const workspace = useWorkspace();
  const { undo, redo } = useStore(workspace.undo.can);
  if (!useStore(workspace.canEdit)) return null;
  return (
    <span className={className}>
      <IconButton label={text.undo} aria-disabled={!undo} onClick={() => take(workspace, 'undo')}>
        <Undo2 aria-hidden />
      </IconButton>
      <IconButton label={text.redo} aria-disabled={!redo} onClick={() => take(workspace, 'redo')}>
        <Redo2 aria-hidden />
      </IconButton>
    </span>
  );
}

function take({ undo, pipelines, connection }: Workspace, what: 'undo' | 'redo'): void {
  const result = undo[what]();
  if (result.kind === 'nothing') {
    announce(what === 'undo' ? text.nothingToUndo : text.nothingToRedo);
    return;
  }
  const { kept, gone, isChanged, anyway } = result;
  if (kept.length > 0 && anyway) {
    const named = kept.slice(0, NAMED).map((path) => placeOf(path, pipelines, connection.doc));
    const places = text.kept.places(named, kept.length - named.length);
    const sentence = text.kept[isChanged ? (`${what}Part` as const) : what](places);
    const force = (): void => {
      anyway();
      announce(text.kept.undone);
    };
    announce(sentence, { label: text.kept.anyway, run: force });
  } else if (!isChanged && gone.length > 0) announce(text.kept.gone);
}

function placeOf(
  [root, key = '', ...field]: readonly string[],
  pipelines: Workspace['pipelines'],
  doc: LoroDoc,
): string {
  if (root === 'groups') return text.places.groups;
  if (root === 'variables') return text.places.variables;
  const idOf = (pipeline: string): string => pipelines.head(pipeline)?.id ?? pipeline;
  if (root === 'transforms') {
    const what = field.length === 0 ? text.places.wholeTransform : text.places.transform(field.join('.'));
    const owner = ownerOf(doc, key);
    return owner === undefined ? what : text.places.of(idOf(owner), what);
  }
  return field.length === 0 ? idOf(key) : text.places.of(idOf(key), fieldLabel(field.join('.')));
}
