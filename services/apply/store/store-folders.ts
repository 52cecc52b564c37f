// The rows of folders kept in git: what each had when it was last merged into a document.
import { ConfigDraft } from '@hakiri/contracts/config';
import { FOLDERS_LIMIT } from '@hakiri/contracts/merge';
import type { Database } from '@hakiri/substrate/libsql/database';
import { Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { and, desc, eq, notInArray } from 'drizzle-orm';
import { folderBases } from './schema.ts';

export type Folder = { team: string; doc: string; folder: string };
export type FolderBase = {
  files: ConfigDraft;
  /** Keys of what it took away, and was live then still. */
  deleted: string[];
  version: string;
  /** The label of the revision that was live then. */
  revision: string | null;
  by: string;
  atMs: number;
};

/** As the row has them. */
const NotedFiles = Type.Composite([
  ConfigDraft,
  Type.Object({ deleted: Type.Optional(Type.Array(Type.String())) }),
]);

export function createFolderRows({ database }: { database: Database }) {
  const { orm } = database;
  const is = ({ team, doc, folder }: Folder) =>
    and(eq(folderBases.team, team), eq(folderBases.doc, doc), eq(folderBases.folder, folder));

  return {
    folderBase: async (folder: Folder): Promise<FolderBase | undefined> => {
      const row = await orm.select().from(folderBases).where(is(folder)).get();
      if (!row) return undefined;
      const { deleted = [], ...files } = Value.Parse(NotedFiles, JSON.parse(row.files));
      return { ...row, files, deleted };
    },

    /** Of more than FOLDERS_LIMIT of a document, those that were longest unused are forgotten. */
    keepFolderBase: ({ team, doc, folder }: Folder, base: FolderBase): Promise<void> =>
      database.write(async () => {
        const noted = { ...base.files, deleted: base.deleted };
        const row = { ...base, team, doc, folder, files: JSON.stringify(noted) };
        const { files, version, revision, by, atMs } = row;
        const own = and(eq(folderBases.team, team), eq(folderBases.doc, doc));
        const newest = orm
          .select({ folder: folderBases.folder })
          .from(folderBases)
          .where(own)
          .orderBy(desc(folderBases.atMs), folderBases.folder)
          .limit(FOLDERS_LIMIT);
        await orm.batch([
          orm
            .insert(folderBases)
            .values(row)
            .onConflictDoUpdate({
              target: [folderBases.team, folderBases.doc, folderBases.folder],
              set: { files, version, revision, by, atMs },
            }),
          orm.delete(folderBases).where(and(own, notInArray(folderBases.folder, newest))),
        ]);
      }),
  };
}
