// Real documents of one team in memory, answering as their owner does over the bus, with a hook between any two steps.
import { checkEdit } from '@hakiri/config-doc/check-edit';
import { materializePage } from '@hakiri/config-doc/materialize';
import { applyEdit } from '@hakiri/config-doc/reconcile';
import { encodeVersion, versionOf } from '@hakiri/config-doc/version';
import { LoroDoc } from 'loro-crdt';
import type { MovableDocuments } from '../team/move-group.ts';

type Step = 'outline' | 'materialize' | 'edit' | 'edited';

/** `onStep` runs before each call and after each edit; it may edit, or throw as a crash does. */
export function realDocuments(...names: string[]) {
  const docs = new Map(names.map((name) => [name, new LoroDoc()]));
  const hooks = { onStep: (_step: Step, _doc: string): void => {} };
  const documents: MovableDocuments = {
    outline: async ({ doc }) => {
      hooks.onStep('outline', doc);
      const found = docs.get(doc);
      const version = found === undefined ? encodeVersion(new Map()) : versionOf(found);
      return { version, pipelines: [], variables: [] };
    },
    materialize: async ({ doc }, request) => {
      hooks.onStep('materialize', doc);
      const found = docs.get(doc);
      return found === undefined ? { kind: 'no_document' } : materializePage(found, request);
    },
    edit: async ({ doc }, request) => {
      hooks.onStep('edit', doc);
      const found = docs.get(doc);
      if (found === undefined) return { kind: 'refused', code: 'not_found', detail: 'no such document' };
      const refused = checkEdit(request);
      if (refused !== undefined) return { kind: 'refused', ...refused };
      const changed = applyEdit(found, request);
      found.commit();
      hooks.onStep('edited', doc);
      return { kind: 'done', version: versionOf(found), changed };
    },
  };
  return {
    documents,
    hooks,
    names: (): string[] => [...docs.keys()].sort(),
    add: (name: string): boolean => {
      if (docs.has(name)) return false;
      docs.set(name, new LoroDoc());
      return true;
    },
    of: (name: string): LoroDoc => {
      const found = docs.get(name);
      if (found === undefined) throw new Error(`${name} is no document here`);
      return found;
    },
  };
}
