CREATE TABLE `daemon_reports` (
	`team` text NOT NULL,
	`name` text NOT NULL,
	`token` text NOT NULL,
	`sequence` integer NOT NULL,
	`report` text NOT NULL,
	`seen_at_ms` integer NOT NULL,
	PRIMARY KEY(`team`, `name`, `token`)
);
--> statement-breakpoint
CREATE INDEX `daemon_reports_by_age` ON `daemon_reports` (`seen_at_ms`);--> statement-breakpoint
CREATE TABLE `manifest_keys` (
	`ordinal` integer PRIMARY KEY NOT NULL,
	`kid` text NOT NULL,
	`public_key` text NOT NULL,
	`private_key` text,
	`created_at_ms` integer NOT NULL,
	`signs_from_ms` integer NOT NULL,
	`endorsement` text
);
--> statement-breakpoint
CREATE UNIQUE INDEX `manifest_keys_kid_unique` ON `manifest_keys` (`kid`);