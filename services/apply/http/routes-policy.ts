// GET and PUT policy: what an Apply of the team needs, for admins.
import { PolicyBody, SavedPolicy } from '@hakiri/contracts/policy';
import { ProblemError } from '@hakiri/contracts/problem';
import type { Guard } from '@hakiri/service/guard';
import { traceOf } from '@hakiri/service/trace';
import type { Random } from '@hakiri/substrate/random';
import { Elysia } from 'elysia';
import { checkPolicy } from '../policy/policy-check.ts';
import type { PolicyRows } from '../store/store-policy.ts';
import { jsonAnswer } from './route-answers.ts';

const MANAGE = { action: 'team.manage' } as const;

export type PolicyRoutesDeps = {
  guard: Guard;
  random: Random;
  policies: PolicyRows;
  /** Called when a change is committed. */
  onPolicySaved(team: string): void;
};

export function policyRoutes({ guard, random, policies, onPolicySaved }: PolicyRoutesDeps) {
  return new Elysia({ name: 'apply-policy', prefix: '/v1/manifest' })
    .get(
      '/policy',
      async ({ request }) => {
        const { team } = await guard.require(request, MANAGE);
        return Response.json(await policies.policy(team));
      },
      {
        detail: {
          summary: 'Who has to agree before what goes live, and when nothing may',
          tags: ['policy'],
          responses: jsonAnswer(SavedPolicy),
        },
      },
    )
    .put(
      '/policy',
      async ({ body, request }) => {
        const { team, user } = await guard.require(request, MANAGE);
        const issues = checkPolicy(body.policy);
        if (issues.length > 0)
          throw new ProblemError('invalid_config', 'Nothing was saved. Mend what `issues` lists.', issues);
        const cause = { actor: { kind: 'user' as const, id: user }, traceparent: traceOf(request, random) };
        const saved = await policies.savePolicy(team, body.version, body.policy, user, cause);
        if (!saved)
          throw new ProblemError(
            'conflict',
            'Somebody saved the policy meanwhile. Read it again, and save your change to that.',
          );
        onPolicySaved(team);
        return Response.json(saved);
      },
      {
        body: PolicyBody,
        detail: {
          summary: 'Save the policy that was read at `version`',
          tags: ['policy'],
          responses: jsonAnswer(SavedPolicy),
        },
      },
    );
}
