// Paths of groups such as `finance/daily`, as text: what a name may be, how long a path, and what is below which.

const NAME_LIMIT = 100;
const PATH_LIMIT = 500;
const UNNAMED = 'unnamed';

/** A name as it stands in a path: no `/`, no control characters, never empty. */
export function cleanGroupName(name: unknown): string {
  if (typeof name !== 'string') return UNNAMED;
  const clean = [...name.toWellFormed().replace(/[/\p{Cc}]/gu, '-')].slice(0, NAME_LIMIT).join('').trim();
  return clean === '' ? UNNAMED : clean;
}

/** The names of a path; what is past the limit of a path's length belongs to the last group that fits. */
export function splitGroupPath(path: string): string[] {
  const names: string[] = [];
  for (const part of path.split('/')) {
    if (part.trim() === '') continue;
    const name = cleanGroupName(part);
    if ([...names, name].join('/').length > PATH_LIMIT) break;
    names.push(name);
  }
  return names;
}

export function cleanGroupPath(path: string): string {
  return splitGroupPath(path).join('/');
}

/** What would be too long stays with the group above. */
export function joinPath(above: string, name: string): string {
  const path = above === '' ? name : `${above}/${name}`;
  return path.length > PATH_LIMIT ? above : path;
}

export function isInGroup(path: string, group: string): boolean {
  const clean = cleanGroupPath(group);
  return path === clean || path.startsWith(`${clean}/`);
}
