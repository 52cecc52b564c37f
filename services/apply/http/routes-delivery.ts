// What daemons need beside the manifest: the keys that verify it, and a place to say what they run; and who runs what.
import {
  DAEMON_PAGE_LIMIT,
  DaemonPage,
  DaemonReport,
  RotateBody,
  SigningKeySet,
} from '@hakiri/contracts/delivery';
import { DEFAULT_TEAM } from '@hakiri/contracts/names';
import { ProblemError } from '@hakiri/contracts/problem';
import type { Guard } from '@hakiri/service/guard';
import { Elysia, t } from 'elysia';
import type { Reports } from '../delivery/reports.ts';
import type { Signing } from '../publish/signing.ts';
import { jsonAnswer } from './route-answers.ts';

const KEYS_MAX_AGE_S = 60;
const CURSOR_LIMIT_CHARS = 300;
const DaemonQuery = t.Object({
  after: t.Optional(t.String({ maxLength: CURSOR_LIMIT_CHARS, description: '`next` of the page before' })),
  limit: t.Optional(t.Integer({ minimum: 1, maximum: DAEMON_PAGE_LIMIT })),
});

export type DeliveryRoutesDeps = {
  guard: Guard;
  signing: Pick<Signing, 'keySet' | 'rotate'>;
  reports: Pick<Reports, 'report' | 'page'>;
};

export function deliveryRoutes({ guard, signing, reports }: DeliveryRoutesDeps) {
  return new Elysia({ name: 'apply-delivery', prefix: '/v1/manifest' })
    .get(
      '/keys',
      async () =>
        Response.json(await signing.keySet(), {
          headers: {
            'content-type': 'application/jwk-set+json',
            'cache-control': `public, max-age=${KEYS_MAX_AGE_S}`,
          },
        }),
      {
        detail: {
          summary: 'The public keys that verify manifests, as a JWKS',
          tags: ['delivery'],
          responses: jsonAnswer(SigningKeySet),
        },
      },
    )
    .post(
      '/keys/rotate',
      async ({ request, body }) => {
        // The keys sign for every team; the owners of the first team run the installation.
        const principal = await guard.require(request, { action: 'owner.manage', team: DEFAULT_TEAM });
        return Response.json(await signing.rotate(principal, body ?? {}));
      },
      {
        body: t.Optional(RotateBody),
        detail: {
          summary: 'Publish the next key, which signs when its time has come',
          tags: ['delivery'],
          responses: jsonAnswer(SigningKeySet),
        },
      },
    )
    .post(
      '/reports',
      async ({ request, body }) => {
        const { team, user } = await guard.require(request, { action: 'runs.work' });
        if (Number.isNaN(Date.parse(body.since)))
          throw new ProblemError('malformed', '/since: it must be a time, as 2026-01-31T14:05:09Z.');
        await reports.report({ team, token: user }, body);
        return new Response(null, { status: 204 });
      },
      {
        body: DaemonReport,
        detail: {
          summary: 'A daemon says what it runs',
          tags: ['delivery'],
          responses: { 204: { description: 'Kept' } },
        },
      },
    )
    .get(
      '/daemons',
      async ({ request, query }) => {
        const { team } = await guard.require(request, { action: 'runs.read' });
        return Response.json(await reports.page(team, query.after, query.limit ?? DAEMON_PAGE_LIMIT));
      },
      {
        query: DaemonQuery,
        detail: {
          summary: 'Who runs what, by name',
          tags: ['delivery'],
          responses: jsonAnswer(DaemonPage),
        },
      },
    );
}
