// The measured document and the measured edit in either CRDT, behind one handle, so that every subject is asked the same.
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LoroDoc, LoroMap } from 'loro-crdt';
import { keyOf, shapes } from './shape.ts';

/** `version`: as a join names it; empty where a join does not. */
export type Document = { bytes: Uint8Array; version: Uint8Array };

/** Sets a field and gives the update. */
export type Write = (value: string, field?: string) => Uint8Array;

export type Library = {
  document(pipelines: number): Promise<Document>;
  /** A replica with an id of its own: changes the schedule of that pipeline, or of an empty document any field. */
  writer(document: Document, pipeline?: number): Write;
  /** What a fresh client does with what it is sent. */
  importWhole(bytes: Uint8Array): void;
  scratchFields(bytes: Uint8Array): string[];
};

export const emptyDocument: Document = { bytes: new Uint8Array(), version: new Uint8Array() };

/** Kept between runs: the largest takes half a minute to build. Change the number when the shape changes. */
const CACHE = join(import.meta.dir, '../../.cache/bench/shape-1');

export const loroLibrary: Library = {
  document: async (pipelines) => {
    const file = join(CACHE, `${pipelines}.loro`);
    if (!existsSync(file)) {
      await mkdir(CACHE, { recursive: true });
      // In a process of its own: Loro's memory never goes back.
      const build = `import { buildLoroDocument } from ${JSON.stringify(join(import.meta.dir, 'shape.ts'))};
        await Bun.write(${JSON.stringify(file)}, buildLoroDocument(${pipelines}));`;
      const child = Bun.spawn([process.execPath, '-e', build], { cwd: import.meta.dir, stderr: 'inherit' });
      if ((await child.exited) !== 0) throw new Error('the document could not be built');
    }
    const bytes = new Uint8Array(await readFile(file));
    return withDocument(bytes, (doc) => ({ bytes, version: doc.oplogVersion().encode() }));
  },
  writer: ({ bytes }, pipeline) => {
    const doc = new LoroDoc();
    if (bytes.length > 0) doc.import(bytes);
    const target = pipeline === undefined ? doc.getMap('scratch') : scheduleOf(doc, keyOf(pipeline));
    let made = new Uint8Array();
    doc.subscribeLocalUpdates((update) => {
      made = new Uint8Array(update);
    });
    return (value, field = 'expr') => {
      target.set(field, value);
      doc.commit();
      return made;
    };
  },
  importWhole: (bytes) => withDocument(bytes, () => {}),
  scratchFields: (bytes) => withDocument(bytes, (doc) => doc.getMap('scratch').keys().map(String)),
};

/** @throws when the peers are not installed. */
export async function yjsLibrary(): Promise<Library> {
  const yjs = await import('../peers/edits.js');
  return {
    document: async (pipelines) => ({ ...emptyDocument, bytes: yjs.buildDocument([...shapes(pipelines)]) }),
    writer: ({ bytes }, pipeline) =>
      yjs.openWriter(
        bytes.length > 0 ? bytes : undefined,
        pipeline === undefined ? undefined : keyOf(pipeline),
      ),
    importWhole: (bytes) => void yjs.importWhole(bytes),
    scratchFields: yjs.scratchFields,
  };
}

function scheduleOf(doc: LoroDoc, key: string): LoroMap<Record<string, unknown>> {
  const pipeline = doc.getMap('pipelines').get(key);
  const schedule = pipeline instanceof LoroMap ? pipeline.get('schedule') : undefined;
  if (!(schedule instanceof LoroMap)) throw new Error(`the document has no ${key}`);
  return schedule;
}

function withDocument<T>(bytes: Uint8Array, use: (doc: LoroDoc) => T): T {
  const doc = new LoroDoc();
  if (bytes.length > 0) doc.import(bytes);
  const result = use(doc);
  doc.free();
  return result;
}
