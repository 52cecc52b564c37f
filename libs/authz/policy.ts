// What each role may do, compiled from contracts/roles.ts into biscuit policies once, and asked for one access at one time.
// Default deny: the last policy denies, and whatever goes wrong is a denial.
import { ROLE_ACTIONS } from '@hakiri/contracts/roles';
import { biscuit } from './biscuit.ts';
import { dateTerm } from './narrowing.ts';
import type { Access } from './principal.ts';
import { type Biscuit, DATALOG_LIMITS } from './verify.ts';

const POLICY = [
  ...Object.entries(ROLE_ACTIONS).map(
    ([role, actions]) => `allow if role("${role}"), action($a), ${JSON.stringify(actions)}.contains($a);`,
  ),
  'deny if true;',
].join('\n');

const ASKED = 'time({now}); action({action});';
const ASKED_PIPELINE = `${ASKED} pipeline({pipeline});`;

/** True when the role allows it and every check of the token holds. */
export function isAllowed(token: Biscuit, access: Access, nowMs: number): boolean {
  const { action, pipeline } = access;
  const now = dateTerm(nowMs);
  try {
    const builder = new biscuit.AuthorizerBuilder();
    if (pipeline === undefined) builder.addCodeWithParameters(ASKED, { now, action }, {});
    else builder.addCodeWithParameters(ASKED_PIPELINE, { now, action, pipeline }, {});
    builder.addCode(POLICY);
    using authorizer = builder.buildAuthenticated(token);
    authorizer.authorizeWithLimits(DATALOG_LIMITS);
    return true;
  } catch {
    return false;
  }
}
