// Roles and what each may do. Default deny: an action that a role does not list is refused.
import { type Static, Type } from '@sinclair/typebox';

export const ACTIONS = [
  'doc.read',
  'doc.write',
  'manifest.read',
  'manifest.apply',
  'manifest.approve',
  'runs.read',
  'runs.control',
  'runs.work',
  'team.read',
  'team.manage',
  'owner.manage',
  'tokens.manage',
  'audit.read',
] as const;
/** Those that a token narrowed to some pipelines may do, each time on one that is named. */
export const PIPELINE_ACTIONS = [
  'doc.read',
  'manifest.apply',
  'runs.read',
  'runs.control',
] as const satisfies readonly Action[];
export type Action = (typeof ACTIONS)[number];

const VIEWER = ['doc.read', 'manifest.read', 'runs.read', 'team.read'] as const;
const EDITOR = [...VIEWER, 'doc.write'] as const;
/** Whose approval counts is the team's policy to say: admins' and owners' unless it names others. */
const APPLIER = [...EDITOR, 'manifest.apply', 'manifest.approve', 'runs.control'] as const;
const ADMIN = [...APPLIER, 'team.manage', 'tokens.manage', 'audit.read'] as const;
const OWNER = [...ADMIN, 'owner.manage'] as const;

export const ROLE_ACTIONS = {
  viewer: VIEWER,
  editor: EDITOR,
  applier: APPLIER,
  admin: ADMIN,
  owner: OWNER,
  /** A daemon: reads manifests, carries out runs, sees no document. */
  node: ['manifest.read', 'runs.work'],
} as const satisfies Record<string, readonly Action[]>;

export const MemberRole = Type.Union([
  Type.Literal('owner'),
  Type.Literal('admin'),
  Type.Literal('editor'),
  Type.Literal('applier'),
  Type.Literal('viewer'),
]);
export const TokenRole = Type.Union([MemberRole, Type.Literal('node')]);
export type MemberRole = Static<typeof MemberRole>;
export type TokenRole = Static<typeof TokenRole>;
