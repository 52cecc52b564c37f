CREATE TABLE `approvals` (
	`request` text NOT NULL,
	`digest` text NOT NULL,
	`user` text NOT NULL,
	`role` text NOT NULL,
	`reason` text NOT NULL,
	`at_ms` integer NOT NULL,
	PRIMARY KEY(`request`, `digest`, `user`)
);
--> statement-breakpoint
CREATE TABLE `policies` (
	`team` text PRIMARY KEY NOT NULL,
	`version` integer NOT NULL,
	`policy` text NOT NULL,
	`saved_at_ms` integer NOT NULL,
	`saved_by` text NOT NULL
);
--> statement-breakpoint
ALTER TABLE `requests` ADD `author_role` text;--> statement-breakpoint
ALTER TABLE `requests` ADD `woken_at_ms` integer;--> statement-breakpoint
ALTER TABLE `requests` ADD `wake_at_ms` integer;--> statement-breakpoint
ALTER TABLE `requests` ADD `awaiting` text;--> statement-breakpoint
ALTER TABLE `requests` ADD `granted` text;--> statement-breakpoint
CREATE INDEX `requests_waiting` ON `requests` (`wake_at_ms`) WHERE state in ('awaiting_approval', 'scheduled');