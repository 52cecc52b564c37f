// The document as a file, in and out.
import { FileDown, FileUp, MoreHorizontal } from 'lucide-react';
import { Suspense, useState } from 'react';
import { useStore } from '../../live/use-store.ts';
import { announce } from '../../parts/announce.ts';
import { IconButton } from '../../parts/button.tsx';
import { failureSentence } from '../../parts/failure.ts';
import { Menu } from '../../parts/menu.tsx';
import { saveFile } from '../../parts/save-file.ts';
import { useCommands } from '../../screen/commands.ts';
import { useSession, useWorkspace } from '../../screen/context.ts';
import { strings } from '../../strings/strings.ts';
import { ImportDialog } from '../asked-for.tsx';

const text = strings.list.files;

export function FilesMenu() {
  const { docId, canEdit } = useWorkspace();
  const { client } = useSession();
  const mayEdit = useStore(canEdit);
  const [isImporting, setImporting] = useState(false);
  const save = (format: 'toml' | 'json') => (): Promise<void> =>
    client.apply.export({ doc: docId, format }).then(
      (body) =>
        format === 'toml'
          ? saveFile(`${docId}.toml`, 'application/toml', body)
          : saveFile(`${docId}.json`, 'application/json', body),
      (error) => announce(`${text.exportFailed} ${failureSentence(error)}`),
    );
  const exports = [
    { id: 'file.toml', label: text.exportToml, icon: <FileDown aria-hidden />, run: save('toml') },
    { id: 'file.json', label: text.exportJson, icon: <FileDown aria-hidden />, run: save('json') },
  ];
  const imports = mayEdit
    ? [
        {
          id: 'file.import',
          label: text.import,
          icon: <FileUp aria-hidden />,
          run: () => setImporting(true),
        },
      ]
    : [];
  useCommands([...imports, ...exports]);
  return (
    <>
      <Menu
        button={
          <IconButton label={text.menu}>
            <MoreHorizontal aria-hidden />
          </IconButton>
        }
        actions={[...imports, ...exports]}
      />
      <Suspense>{isImporting && <ImportDialog close={() => setImporting(false)} />}</Suspense>
    </>
  );
}
