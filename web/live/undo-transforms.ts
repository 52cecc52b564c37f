// Whose a transform is by now: it is an entry of its own and a place in its pipeline's list, and all of them share one fate.
import type { ContainerID, JsonDiff, LoroDoc } from 'loro-crdt';
import { ownerOf, type Path } from './undo-places.ts';

type Facts = { isOthers(path: Path): boolean; isPlacedByOthers(item: Path): boolean };

/** How a difference writes a container that it makes. */
export const CONTAINER_MARK = '🦜:';

/** `raw`: all that would take the step back. */
export function transformFates(doc: LoroDoc, raw: readonly [ContainerID, JsonDiff][], facts: Facts) {
  const diffs = new Map<string, JsonDiff>(raw);
  const fieldsOf = (container: string): Record<string, unknown> => {
    const diff = diffs.get(container);
    return diff?.type === 'map' ? diff.updated : {};
  };
  const pipelines = fieldsOf('cid:root-pipelines:Map');
  const transforms = fieldsOf('cid:root-transforms:Map');
  const ownerThen = (key: string): unknown => {
    const made = transforms[key];
    return typeof made === 'string' ? fieldsOf(made.slice(CONTAINER_MARK.length)).pipeline : undefined;
  };
  /** A pipeline that stays, as somebody works in it, stays as it is. */
  const staysWithOwner = (owner: unknown): boolean =>
    typeof owner === 'string' && Object.hasOwn(pipelines, owner) && facts.isOthers(['pipelines', owner]);
  return {
    /** Whether what is there is others' too by now. */
    mayNotGo(path: Path): boolean {
      if (facts.isOthers(path)) return true;
      const [root, key = '', ...inside] = path;
      if (root !== 'transforms' || inside.length > 0) return false;
      const owner = ownerOf(doc, key);
      if (owner === undefined) return false;
      return facts.isPlacedByOthers(['pipelines', owner, 'transforms', key]) || staysWithOwner(owner);
    },
    /** Whether what others did since is in its place. */
    mayNotCome(path: Path): boolean {
      if (facts.isOthers(path)) return true;
      const [root, key = '', ...inside] = path;
      return root === 'transforms' && inside.length === 0 && staysWithOwner(ownerThen(key));
    },
  };
}
