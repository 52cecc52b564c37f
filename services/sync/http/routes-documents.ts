// The documents of a team over HTTP: list, create, rename, archive and bring back, move a group from one to another.
import { DocId } from '@hakiri/contracts/names';
import { CreateDocumentBody, MoveGroupBody, UpdateDocumentBody } from '@hakiri/contracts/sync';
import type { Guard } from '@hakiri/service/guard';
import { Elysia, t } from 'elysia';
import type { Registrar } from '../team/registrar.ts';

const READ = { action: 'doc.read' } as const;
const WRITE = { action: 'doc.write' } as const;
const DocParams = t.Object({ doc: DocId });
const ListQuery = t.Object({
  archived: t.Optional(t.Union([t.Literal('true'), t.Literal('false'), t.Literal('')])),
});
const tags = ['documents'];

export function documentRoutes({ guard, registrar }: { guard: Guard; registrar: Registrar }) {
  return new Elysia({ name: 'sync-documents', prefix: '/v1/docs', normalize: false })
    .get(
      '/',
      async ({ request, query }) => {
        const { team } = await guard.require(request, READ);
        const archived = query.archived !== undefined && query.archived !== 'false';
        return Response.json({ docs: await registrar.list(team, { archived }) });
      },
      {
        query: ListQuery,
        detail: { summary: 'The documents of the team; with `archived=true` also those', tags },
      },
    )
    .post(
      '/',
      async ({ request, body }) => {
        const { team, user } = await guard.require(request, WRITE);
        const { doc, title } = body;
        const info = await registrar.create({ team, doc }, title, { kind: 'user', id: user });
        return Response.json(info, { status: 201, headers: { location: `/v1/docs/${doc}` } });
      },
      { body: CreateDocumentBody, detail: { summary: 'Create a document', tags } },
    )
    .patch(
      '/:doc',
      async ({ request, params, body }) => {
        const { team, user } = await guard.require(request, WRITE);
        const id = { team, doc: params.doc };
        return Response.json(await registrar.update(id, body, { kind: 'user', id: user }));
      },
      {
        params: DocParams,
        body: UpdateDocumentBody,
        detail: { summary: 'Rename a document, archive it or bring it back', tags },
      },
    )
    .post(
      '/:doc/groups/move',
      async ({ request, params, body }) => {
        const { team, user } = await guard.require(request, WRITE);
        const id = { team, doc: params.doc };
        return Response.json(await registrar.moveGroup(id, body, { kind: 'user', id: user }));
      },
      {
        params: DocParams,
        body: MoveGroupBody,
        detail: { summary: 'Move a group with its pipelines to another document', tags },
      },
    );
}
