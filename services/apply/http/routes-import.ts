// POST import, GET export and GET schema.json: files into the document and out of it.
import { readUtf8 } from '@hakiri/base/bytes';
import { type DroppedComments, ImportResult, PlanDigest } from '@hakiri/contracts/apply';
import type { ConfigDraft } from '@hakiri/contracts/config';
import { DEFAULT_DOC, DocId } from '@hakiri/contracts/names';
import { ProblemError } from '@hakiri/contracts/problem';
import { fileIssues } from '@hakiri/manifest/check-file';
import { parseManifest } from '@hakiri/manifest/parse';
import { commentsOf } from '@hakiri/manifest/toml-comments';
import { hakiriTomlSchema, SCHEMA_VERSION } from '@hakiri/manifest/toml-schema';
import type { Guard } from '@hakiri/service/guard';
import type { Cause } from '@hakiri/service/messaging';
import { traceOf } from '@hakiri/service/trace';
import type { Random } from '@hakiri/substrate/random';
import { Type } from '@sinclair/typebox';
import { Elysia } from 'elysia';
import { parseConfigJson } from '../documents/config-json.ts';
import type { Importer } from '../documents/importer.ts';
import type { Looks } from '../requests/looks.ts';
import { jsonAnswer, textAnswer } from './route-answers.ts';

export type ImportRoutesDeps = {
  guard: Guard;
  random: Random;
  looks: Looks;
  importer: Pick<Importer, 'import' | 'export'>;
};

const TOML_SCHEMA = hakiriTomlSchema();

function schemaResponse(maxAgeS: number): Response {
  const headers = {
    'content-type': 'application/schema+json',
    'cache-control': `public, max-age=${maxAgeS}`,
    // Editors that run in a page fetch it from anywhere; it is the same for everybody.
    'access-control-allow-origin': '*',
  };
  return Response.json(TOML_SCHEMA, { headers });
}
const ImportQuery = Type.Object({
  doc: Type.Optional(DocId),
  mode: Type.Optional(Type.Union([Type.Literal('merge'), Type.Literal('replace')])),
  dryRun: Type.Optional(Type.Union([Type.Literal('true'), Type.Literal('false'), Type.Literal('')])),
  digest: Type.Optional(PlanDigest),
});
const ExportQuery = Type.Object({
  doc: Type.Optional(DocId),
  format: Type.Optional(Type.Union([Type.Literal('toml'), Type.Literal('json')])),
});

export function importRoutes({ guard, random, looks, importer }: ImportRoutesDeps) {
  const causeOf = (user: string, request: Request): Cause => ({
    actor: { kind: 'user', id: user },
    traceparent: traceOf(request, random),
  });

  return new Elysia({ name: 'apply-import', prefix: '/v1/manifest' })
    .post(
      '/import',
      async ({ query, request }) => {
        const { team, user } = await guard.require(request, { action: 'doc.write' });
        // The answer tells what of it is there already, and what is wrong with the rest.
        await guard.require(request, { action: 'doc.read' });
        const { doc = DEFAULT_DOC, mode = 'merge', dryRun = 'false', digest: seen } = query;
        const options = { mode, dryRun: dryRun !== 'false', seen };
        const isJson = isJsonFile(request);
        const bytes = await request.bytes();
        return looks.run(team, request.signal, async () => {
          const { draft, comments } = parseFile(bytes, isJson);
          const result = await importer.import({ team, doc }, draft, options, causeOf(user, request));
          return Response.json({ ...result, ...(comments === undefined ? {} : { comments }) });
        });
      },
      {
        parse: 'none',
        query: ImportQuery,
        detail: {
          summary: 'Write a hakiri.toml or JSON into the document',
          tags: ['files'],
          responses: jsonAnswer(ImportResult),
        },
      },
    )
    .get('/schema.json', () => schemaResponse(3600), {
      detail: {
        summary: 'The JSON Schema of a hakiri.toml, for editors; public',
        tags: ['files'],
        responses: textAnswer('application/schema+json', Type.Object({})),
      },
    })
    .get(`/schema/${SCHEMA_VERSION}.json`, () => schemaResponse(86_400), {
      detail: {
        summary: 'The same, in this version for good; public',
        tags: ['files'],
        responses: textAnswer('application/schema+json', Type.Object({})),
      },
    })
    .get(
      '/export',
      async ({ query, request }) => {
        const { team, user } = await guard.require(request, { action: 'doc.read' });
        const { doc = DEFAULT_DOC } = query;
        const wantsJson = query.format === undefined && request.headers.get('accept') === 'application/json';
        const format = query.format ?? (wantsJson ? 'json' : 'toml');
        const text = await looks.run(team, request.signal, () =>
          importer.export({ team, doc }, format, causeOf(user, request)),
        );
        const type = format === 'json' ? 'application/json' : 'application/toml; charset=utf-8';
        return new Response(text, { headers: { 'content-type': type } });
      },
      {
        query: ExportQuery,
        detail: {
          summary: 'The document as it is now',
          tags: ['files'],
          responses: textAnswer('application/toml', Type.String()),
        },
      },
    );
}

const TOML_TYPES = ['application/toml', 'text/toml', 'text/plain', 'application/octet-stream', ''];

/** @throws ProblemError */
function isJsonFile(request: Request): boolean {
  const type = (request.headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  if (type !== 'application/json' && !TOML_TYPES.includes(type))
    throw new ProblemError('malformed', `Send application/toml or application/json, not ${type}.`);
  return type === 'application/json';
}

/** @throws ProblemError */
function parseFile(bytes: Uint8Array, isJson: boolean): { draft: ConfigDraft; comments?: DroppedComments } {
  const read = readUtf8(bytes);
  if (read.kind === 'broken')
    throw new ProblemError(
      'malformed',
      `The file is not UTF-8: byte ${read.offset + 1}, in line ${read.line}. Save it as UTF-8 and try again.`,
    );
  const { text } = read;
  const parsed = isJson ? parseConfigJson(text) : parseManifest(text);
  const comments = isJson || parsed.kind !== 'parsed' ? undefined : commentsOf(text);
  const issues = fileIssues(parsed);
  if (parsed.kind === 'refused' || issues.length > 0)
    throw new ProblemError('invalid_config', 'Nothing was imported. Mend what `issues` lists.', issues);
  return { draft: parsed.draft, ...(comments ? { comments } : {}) };
}
