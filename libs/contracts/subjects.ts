// Every message between services, declared once. Nothing else in the repository writes a subject as a string.
import { isRecord } from '@hakiri/base/json';
import { Type } from '@sinclair/typebox';
import { AppliedData } from './apply.ts';
import {
  AuditRecord,
  KeySet,
  Revocations,
  RevocationsPage,
  RevocationsQuery,
  Standing,
  StandingQuery,
} from './auth.ts';
import { durable, event, request } from './message.ts';
import { RestedData, SettleReply, SettleRequest, TouchedReply, TouchedRequest } from './pending.ts';
import { withSequence } from './revision.ts';
import { MemberRole } from './roles.ts';
import { PlacesReply, PlacesRequest, RunFinishedData } from './scheduler.ts';
import {
  EditReply,
  EditRequest,
  MaterializeReply,
  MaterializeRequest,
  OutlineReply,
  OutlineRequest,
} from './sync.ts';

// Durable: kept in the stream HAKIRI until every consumer has handled them (at most STREAM_MAX_AGE_DAYS).
export const STREAM = 'HAKIRI';
export const STREAM_MAX_AGE_DAYS = 7;
export const STREAM_SUBJECTS = ['hakiri.queue.>'];

/** apply → apply. */
export const ApplyRequested = durable(
  'hakiri.queue.apply.requested',
  'team',
  Type.Object({ request: Type.String() }),
);
/** apply → sync (tells editors), scheduler (adopts the schedules), apply's replicas (SSE). */
export const ManifestApplied = durable('hakiri.queue.apply.applied', 'team', AppliedData, (data) =>
  isRecord(data) ? { ...data, revision: withSequence(data.revision) } : data,
);
/** scheduler → scheduler (on-event triggers), later notifications. */
export const RunFinished = durable('hakiri.queue.run.finished', 'team', RunFinishedData);
/** every service → auth. */
export const AuditRecorded = durable(
  'hakiri.queue.audit.recorded',
  'team',
  Type.Composite([AuditRecord, Type.Object({ service: Type.String() })]),
);

/** sync → apply: what people alone read may be published. */
export const DocumentRested = durable('hakiri.queue.sync.rested', 'team', RestedData);

// Events: to whoever listens now; each has a request with which a late listener catches up.
export const TokensRevoked = event('hakiri.auth.revoked', 'team', Revocations);
export const MemberChanged = event(
  'hakiri.auth.member',
  'team',
  Type.Object({ user: Type.String(), role: Type.Union([MemberRole, Type.Null()]) }),
);
/** scheduler → scheduler's replicas: a run of the team waits for a node; long polls that are waiting ask again. */
export const RunWaiting = event('hakiri.run.waiting', 'team', Type.Object({}));
/** apply → apply's replicas: a request of the team waits until then, so each has a timer for it. */
export const RequestWaits = event(
  'hakiri.apply.waits',
  'team',
  Type.Object({ untilMs: Type.Integer({ minimum: 0 }) }),
);

// Requests.
export const GetKeys = request('hakiri.auth.keys', 'none', Type.Object({}), KeySet);
export const GetRevocations = request('hakiri.auth.revocations', 'none', RevocationsQuery, RevocationsPage);
export const GetStanding = request('hakiri.auth.standing', 'team', StandingQuery, Standing);
export const Materialize = request('hakiri.sync.materialize', 'doc', MaterializeRequest, MaterializeReply);
export const EditDocument = request('hakiri.sync.edit', 'doc', EditRequest, EditReply);
export const GetTouched = request('hakiri.sync.touched', 'doc', TouchedRequest, TouchedReply);
export const SettleTouched = request('hakiri.sync.settle', 'doc', SettleRequest, SettleReply);
export const GetOutline = request('hakiri.sync.outline', 'doc', OutlineRequest, OutlineReply);
export const GetPlaces = request('hakiri.run.places', 'team', PlacesRequest, PlacesReply);
