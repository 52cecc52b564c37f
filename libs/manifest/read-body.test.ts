import { expect, test } from 'bun:test';
import { fromUtf8, utf8 } from '@hakiri/base/bytes';
import { digestOf } from './digest.ts';
import { readBody } from './read-body.ts';

const HOT = 'teams/t/manifest@v1.toml';
const COLD = 'teams/t/cold/manifest@v1.toml';
const REVISION = { file: 'manifest@v1.toml', digest: await digestOf(utf8('whole')) };

async function readOf(there: Record<string, string>, options?: Parameters<typeof readBody>[3]) {
  const asked: string[] = [];
  const read = async (key: string): Promise<Uint8Array | undefined> => {
    asked.push(key);
    const text = there[key];
    return text === undefined ? undefined : utf8(text);
  };
  const found = await readBody(read, 't', REVISION, options);
  const said = found.kind === 'absent' ? found.kind : `${found.kind} ${found.file} ${fromUtf8(found.bytes)}`;
  return [said, ...asked];
}

test('[AP10.2] a body is at its file or else in the cold prefix, is looked for in this order, and is never taken without its digest', async () => {
  expect(await readOf({ [HOT]: 'whole', [COLD]: 'whole' })).toEqual(['whole manifest@v1.toml whole', HOT]);
  expect(await readOf({ [COLD]: 'whole' })).toEqual(['whole cold/manifest@v1.toml whole', HOT, COLD]);
  expect(await readOf({})).toEqual(['absent', HOT, COLD]);
  expect(await readOf({ [HOT]: 'other' })).toEqual(['damaged manifest@v1.toml other', HOT]);
  expect(await readOf({ [COLD]: 'other' })).toEqual(['damaged cold/manifest@v1.toml other', HOT, COLD]);
  const first = { coldFirst: true };
  expect(await readOf({ [HOT]: 'whole' }, first)).toEqual(['whole manifest@v1.toml whole', COLD, HOT]);
  expect(await readOf({ [HOT]: 'whole', [COLD]: 'other' }, first)).toEqual([
    'damaged cold/manifest@v1.toml other',
    COLD,
  ]);
});
