// Where a request carries its token.

const BEARER = /^Bearer ([^\s]+)$/i;

/**
 * The `Authorization: Bearer` header. Only for an event stream, which a browser opens without headers, also the query
 * parameter `access_token`: addresses end up in logs, so nothing else takes it from there.
 */
export function bearerToken(request: Request): string | undefined {
  const header = request.headers.get('authorization');
  if (header !== null) return BEARER.exec(header)?.[1];
  const wantsStream = request.headers.get('accept')?.includes('text/event-stream') ?? false;
  if (request.method !== 'GET' || !wantsStream) return undefined;
  return new URL(request.url).searchParams.get('access_token') ?? undefined;
}
