// Sign in, the team's members and links, tokens of programs, and the audit log.
import {
  AuditCheck,
  AuditPage,
  IssuedToken,
  KeySet,
  Link,
  type LinkBody,
  type LinkInfo,
  LinkList,
  Me,
  Member,
  MemberList,
  type MemberPatch,
  Session,
  type TokenBody,
  type TokenInfo,
  TokenList,
} from '@hakiri/contracts/auth';
import type { Http } from './http.ts';

export function createAuth(http: Http) {
  return {
    /** Turns the code of a one-time link into a session. `name` names the person whom an invitation leaves unnamed. */
    redeem(body: { code: string; name?: string }): Promise<Session> {
      return http.call(Session, 'POST', '/v1/auth/redeem', { body });
    },

    /** The refresh token works once: keep the session that comes back. */
    refresh(refreshToken: string): Promise<Session> {
      return http.call(Session, 'POST', '/v1/auth/refresh', { body: { refreshToken } });
    },

    /** Ends the session of the token in use, everywhere. */
    async logout(): Promise<void> {
      await http.send('POST', '/v1/auth/logout');
    },

    me(): Promise<Me> {
      return http.call(Me, 'GET', '/v1/auth/me');
    },

    /** The public keys with which anyone can verify or narrow a token. */
    keys(): Promise<KeySet> {
      return http.call(KeySet, 'GET', '/v1/auth/keys');
    },

    async members(): Promise<Member[]> {
      return (await http.call(MemberList, 'GET', '/v1/auth/members')).members;
    },

    updateMember(user: string, body: MemberPatch): Promise<Member> {
      return http.call(Member, 'PATCH', `/v1/auth/members/${encodeURIComponent(user)}`, { body });
    },

    /** `was`: the role that was seen. @throws ApiProblem `precondition_failed` when it is another by now. */
    async removeMember(user: string, was?: Member['role']): Promise<void> {
      await http.send('DELETE', `/v1/auth/members/${encodeURIComponent(user)}`, { query: { was } });
    },

    createLink(body: LinkBody): Promise<Link> {
      return http.call(Link, 'POST', '/v1/auth/links', { body });
    },

    /** Those that wait. */
    async invitations(): Promise<LinkInfo[]> {
      return (await http.call(LinkList, 'GET', '/v1/auth/links')).links;
    },

    async revokeInvitation(id: string): Promise<void> {
      await http.send('DELETE', `/v1/auth/links/${encodeURIComponent(id)}`);
    },

    async tokens(): Promise<TokenInfo[]> {
      return (await http.call(TokenList, 'GET', '/v1/auth/tokens')).tokens;
    },

    /** The token itself is in this answer and nowhere else. */
    createToken(body: TokenBody): Promise<IssuedToken> {
      return http.call(IssuedToken, 'POST', '/v1/auth/tokens', { body });
    },

    async revokeToken(id: string): Promise<void> {
      await http.send('DELETE', `/v1/auth/tokens/${encodeURIComponent(id)}`);
    },

    /** Oldest first, from behind `after`, or the `newest` so many. */
    audit(query: { after?: number; newest?: boolean; limit?: number } = {}): Promise<AuditPage> {
      return http.call(AuditPage, 'GET', '/v1/auth/audit', { query });
    },

    /** Recomputes the log's chain of hashes on the server. */
    verifyAudit(): Promise<AuditCheck> {
      return http.call(AuditCheck, 'GET', '/v1/auth/audit/verify');
    },
  };
}
