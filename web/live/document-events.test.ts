import { expect, spyOn, test } from 'bun:test';
import { LoroDoc, type LoroEventBatch } from 'loro-crdt';
import { onDocument } from './document-events.ts';

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('[PG8.3] however many parts of the page follow a document, an event is made once; who stops hears no more', async () => {
  const doc = new LoroDoc();
  const subscribe = spyOn(doc, 'subscribe');
  const heard: [string, LoroEventBatch][] = [];
  const stops = ['a', 'b'].map((name) => onDocument(doc, (batch) => heard.push([name, batch])));
  const write = async (value: number): Promise<void> => {
    doc.getMap('m').set('k', value);
    doc.commit();
    await settle();
  };
  await write(1);
  expect(heard.map(([name]) => name)).toEqual(['a', 'b']);
  expect(heard[0]?.[1]).toBe(heard[1]?.[1]);
  expect(subscribe).toHaveBeenCalledTimes(1);
  stops[0]?.();
  stops[0]?.();
  await write(2);
  expect(heard.map(([name]) => name)).toEqual(['a', 'b', 'b']);
  stops[1]?.();
  await write(3);
  expect(heard).toHaveLength(3);
  const again = onDocument(doc, (batch) => heard.push(['c', batch]));
  await write(4);
  expect(heard.map(([name]) => name)).toEqual(['a', 'b', 'b', 'c']);
  again();
});
