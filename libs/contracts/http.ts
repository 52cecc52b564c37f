// Which service answers which path. The embedded process, the local gateway and the ingress files all route by this table.
export const SERVICE_NAMES = ['sync', 'apply', 'scheduler', 'auth'] as const;
export type ServiceName = (typeof SERVICE_NAMES)[number];

export const SERVICE_PREFIXES: Record<ServiceName, readonly string[]> = {
  sync: ['/v1/sync', '/v1/docs', '/openapi/sync.json'],
  apply: ['/v1/manifest', '/openapi/apply.json'],
  scheduler: ['/v1/schedules', '/v1/runs', '/v1/nodes', '/openapi/scheduler.json'],
  auth: ['/v1/auth', '/openapi/auth.json'],
};

export function serviceOf(pathname: string): ServiceName | undefined {
  return SERVICE_NAMES.find((name) =>
    SERVICE_PREFIXES[name].some((prefix) => pathname === prefix || pathname.startsWith(`${prefix}/`)),
  );
}
