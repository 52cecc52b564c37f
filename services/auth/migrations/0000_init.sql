CREATE TABLE `access_tokens` (
	`revocation_id` text PRIMARY KEY NOT NULL,
	`team` text NOT NULL,
	`user` text NOT NULL,
	`session` text NOT NULL,
	`expires_at_ms` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `access_tokens_by_member` ON `access_tokens` (`team`,`user`);--> statement-breakpoint
CREATE INDEX `access_tokens_by_expiry` ON `access_tokens` (`expires_at_ms`);--> statement-breakpoint
CREATE TABLE `api_tokens` (
	`id` text PRIMARY KEY NOT NULL,
	`team` text NOT NULL,
	`name` text NOT NULL,
	`role` text NOT NULL,
	`created_by` text NOT NULL,
	`created_at_ms` integer NOT NULL,
	`expires_at_ms` integer NOT NULL,
	`revoked_at_ms` integer,
	`revocation_id` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `api_tokens_by_team` ON `api_tokens` (`team`,`created_at_ms`);--> statement-breakpoint
CREATE TABLE `audit` (
	`team` text NOT NULL,
	`sequence` integer NOT NULL,
	`message_id` text NOT NULL,
	`at` text NOT NULL,
	`actor_kind` text NOT NULL,
	`actor_id` text NOT NULL,
	`service` text NOT NULL,
	`action` text NOT NULL,
	`outcome` text NOT NULL,
	`target` text NOT NULL,
	`detail` text NOT NULL,
	`hash` text NOT NULL,
	PRIMARY KEY(`team`, `sequence`)
);
--> statement-breakpoint
CREATE UNIQUE INDEX `audit_by_message` ON `audit` (`team`,`message_id`);--> statement-breakpoint
CREATE TABLE `links` (
	`code_hash` text PRIMARY KEY NOT NULL,
	`team` text NOT NULL,
	`user` text,
	`name` text NOT NULL,
	`role` text NOT NULL,
	`created_by` text NOT NULL,
	`expires_at_ms` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `links_by_creator` ON `links` (`team`,`created_by`);--> statement-breakpoint
CREATE TABLE `members` (
	`team` text NOT NULL,
	`user` text NOT NULL,
	`name` text NOT NULL,
	`role` text NOT NULL,
	`since_ms` integer NOT NULL,
	PRIMARY KEY(`team`, `user`)
);
--> statement-breakpoint
CREATE TABLE `refresh_tokens` (
	`hash` text PRIMARY KEY NOT NULL,
	`session` text NOT NULL,
	`used_at_ms` integer,
	`expires_at_ms` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `refresh_tokens_by_session` ON `refresh_tokens` (`session`);--> statement-breakpoint
CREATE INDEX `refresh_tokens_by_expiry` ON `refresh_tokens` (`expires_at_ms`);--> statement-breakpoint
CREATE TABLE `revocations` (
	`sequence` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`id` text NOT NULL,
	`team` text NOT NULL,
	`until_ms` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `revocations_id_unique` ON `revocations` (`id`);--> statement-breakpoint
CREATE INDEX `revocations_by_expiry` ON `revocations` (`until_ms`);--> statement-breakpoint
CREATE TABLE `sessions` (
	`id` text PRIMARY KEY NOT NULL,
	`team` text NOT NULL,
	`user` text NOT NULL,
	`created_at_ms` integer NOT NULL,
	`expires_at_ms` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `sessions_by_member` ON `sessions` (`team`,`user`);--> statement-breakpoint
CREATE INDEX `sessions_by_expiry` ON `sessions` (`expires_at_ms`);--> statement-breakpoint
CREATE TABLE `signing_keys` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`public_key` text NOT NULL,
	`private_key` text NOT NULL,
	`created_at_ms` integer NOT NULL,
	`retired_at_ms` integer,
	`published_until_ms` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `signing_keys_public_key_unique` ON `signing_keys` (`public_key`);--> statement-breakpoint
CREATE TABLE `teams` (
	`id` text PRIMARY KEY NOT NULL,
	`created_at_ms` integer NOT NULL
);
