// The same document and the same edits in Yjs.
import * as Y from 'yjs';

/** @param {import('../sync/shape.ts').Shape[]} pipelines */
export function buildDocument(pipelines) {
  const doc = new Y.Doc();
  const root = doc.getMap('pipelines');
  for (const { key, transforms, schema, ...rest } of pipelines)
    doc.transact(() => {
      const pipeline = new Y.Map();
      root.set(key, pipeline);
      pipeline.set('id', rest.id);
      pipeline.set('enabled', true);
      for (const field of ['name', 'description']) pipeline.set(field, new Y.Text(rest[field]));
      for (const field of ['source', 'destination', 'schedule'])
        pipeline.set(field, new Y.Map(Object.entries(rest[field])));
      pipeline.set('schema', new Y.Map(Object.entries(schema)));
      pipeline.set(
        'transforms',
        Y.Array.from(
          transforms.map(({ kind, body, inputs }) => {
            const transform = new Y.Map();
            transform.set('kind', kind);
            transform.set('inputs', inputs);
            transform.set('body', new Y.Text(body));
            return transform;
          }),
        ),
      );
    });
  const update = Y.encodeStateAsUpdate(doc);
  doc.destroy();
  return update;
}

/** Answers a function that sets the field anew and gives the update. */
export function openWriter(state, key) {
  const doc = new Y.Doc();
  if (state !== undefined) Y.applyUpdate(doc, state);
  const target = key === undefined ? doc.getMap('scratch') : doc.getMap('pipelines').get(key).get('schedule');
  let made;
  doc.on('update', (update) => {
    made = update;
  });
  return (value, field = 'expr') => {
    target.set(field, value);
    return made;
  };
}

/** What a fresh client does with what it is sent. */
export function importWhole(state) {
  const doc = new Y.Doc();
  Y.applyUpdate(doc, state);
  return doc.getMap('pipelines').size;
}

/** Which fields of the scratch map a state has. */
export function scratchFields(state) {
  const doc = new Y.Doc();
  Y.applyUpdate(doc, state);
  return [...doc.getMap('scratch').keys()];
}
