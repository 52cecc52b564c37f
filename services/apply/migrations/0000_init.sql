CREATE TABLE `outbox` (
	`sequence` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`id` text NOT NULL,
	`subject` text NOT NULL,
	`payload` blob NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `outbox_id_unique` ON `outbox` (`id`);--> statement-breakpoint
CREATE TABLE `requests` (
	`id` text PRIMARY KEY NOT NULL,
	`team` text NOT NULL,
	`author` text NOT NULL,
	`idempotency_key` text NOT NULL,
	`body_hash` text NOT NULL,
	`body` text NOT NULL,
	`traceparent` text NOT NULL,
	`audit_id` text NOT NULL,
	`created_at_ms` integer NOT NULL,
	`state` text NOT NULL,
	`revision` integer,
	`unchanged` integer DEFAULT false NOT NULL,
	`warnings` text,
	`problem` text,
	`finished_at_ms` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `requests_idempotency` ON `requests` (`team`,`author`,`idempotency_key`);--> statement-breakpoint
CREATE INDEX `requests_open` ON `requests` (`state`) WHERE state in ('requested', 'publishing');--> statement-breakpoint
CREATE TABLE `revisions` (
	`team` text NOT NULL,
	`number` integer NOT NULL,
	`state` text NOT NULL,
	`request` text NOT NULL,
	`digest` text NOT NULL,
	`meta` text NOT NULL,
	`body` text,
	`event_id` text NOT NULL,
	PRIMARY KEY(`team`, `number`)
);
--> statement-breakpoint
CREATE UNIQUE INDEX `revisions_request` ON `revisions` (`request`);--> statement-breakpoint
CREATE UNIQUE INDEX `revisions_publishing` ON `revisions` (`team`) WHERE state = 'publishing';