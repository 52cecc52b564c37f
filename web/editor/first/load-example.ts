// The example, from the page's own files, through the same import as any other.
import type { ApplyClient } from '@hakiri/client/apply';
import type { DocId } from '@hakiri/contracts/names';

export async function loadExample(apply: Pick<ApplyClient, 'import'>, doc: DocId): Promise<void> {
  const { default: toml } = await import('./example.toml?raw');
  await apply.import(toml, { doc, format: 'toml' });
}
