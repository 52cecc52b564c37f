// Asks, for every request of every service, whether its token may do this: verified with auth's public keys alone, refused
// when revoked, and every refusal that names somebody goes to the audit log.
import type { Access, Decision, Principal } from '@hakiri/authz/principal';
import type { Subscription } from '@hakiri/substrate/bus';

export interface Guard {
  /** Default deny: no token, no keys yet, or anything unclear is a denial. */
  authorize(token: string | undefined, access: Access): Promise<Decision>;
  /** For routes: the bearer token of `request`. @throws ProblemError with the denial. */
  require(request: Request, access: Access): Promise<Principal>;
  /** Open sockets and streams ask again when this fires: some token was revoked, or a member's role changed. */
  onChange(handler: () => void): Subscription;
  start(): Promise<void>;
  /** Undefined when it has keys and revocations. */
  notReady(): string | undefined;
  stop(): Promise<void>;
}
