// A folder of files as a team keeps it in git, beside a server of its own for each test.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { useStand } from './stand.ts';

export const HOST = '[[variable]]\nname = "HOST"\nvalue = "shop.example"\n';

export const pipeline = (id: string, expr: string, more = ''): string => `
[[pipeline]]
id = "${id}"
source = { kind = "http-json", ref = "https://\${HOST}/${id}" }
destination = { table = "raw_${id}" }
schedule = { kind = "cron", expr = "${expr}" }
${more}`;

export function useGitFolder() {
  const stand = useStand('each');
  const git = (): string => join(stand.folder, 'pipelines');
  return {
    stand,
    git,
    put: async (name: string, text: string): Promise<void> => {
      await mkdir(dirname(join(git(), name)), { recursive: true });
      await writeFile(join(git(), name), text);
    },
    applyFolder: (more = '') => stand.hakictl(`apply --from-file ${git()}${more}`),
    patch: (id: string, fields: object, ...more: string[]) =>
      stand.run(['pipeline', 'patch', id, JSON.stringify(fields), ...more]),
    fieldOf: async (id: string, field: string): Promise<unknown> =>
      (await stand.json(`pipeline show ${id}`))[field],
  };
}
