// A program that edits its replica while no server is there, says when that is kept, and goes on until it is killed.
// Arguments: the folder of the replicas, the server's address.
import { commitEdit, createPipeline, setText } from '@hakiri/config-doc/edit';
import { DEFAULT_DOC, DEFAULT_TEAM } from '@hakiri/contracts/names';
import { fixedToken } from '../http.ts';
import { createFileReplicas } from '../replica-file.ts';
import { connectDocument } from '../sync.ts';

const [folder = '', url = ''] = process.argv.slice(2);
const connection = await connectDocument({
  client: { url, tokens: fixedToken('none yet') },
  team: DEFAULT_TEAM,
  doc: DEFAULT_DOC,
  replica: { store: createFileReplicas(folder), user: 'ada' },
});
const { doc } = connection;
const key = commitEdit(doc, 'test', () => createPipeline(doc, { id: 'killed' }));
for (let edit = 0; edit < 50; edit++)
  commitEdit(doc, 'test', () => setText(doc, key, 'name', `typed ${edit}`));
await connection.kept();
process.stdout.write(`${key}\n`);
// Typed in the very moment of the end, kept or not.
commitEdit(doc, 'test', () => setText(doc, key, 'name', 'typed 4 to the end'));
await new Promise(() => {});
