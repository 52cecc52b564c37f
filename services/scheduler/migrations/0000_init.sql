CREATE TABLE `bodies` (
	`digest` text PRIMARY KEY NOT NULL,
	`body` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `changes` (
	`run` text NOT NULL,
	`version` integer NOT NULL,
	`state` text NOT NULL,
	`fence` integer NOT NULL,
	`at_ms` integer NOT NULL,
	PRIMARY KEY(`run`, `version`)
);
--> statement-breakpoint
CREATE TABLE `ledger` (
	`sequence` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`team` text NOT NULL,
	`key` text NOT NULL,
	`pipeline` text NOT NULL,
	`due_at_ms` integer NOT NULL,
	`event` text NOT NULL,
	`decision` text NOT NULL,
	`reason` text NOT NULL,
	`count` integer NOT NULL,
	`run` text,
	`decided_at_ms` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `ledger_tick` ON `ledger` (`team`,`key`,`due_at_ms`,`event`);--> statement-breakpoint
CREATE INDEX `ledger_team` ON `ledger` (`team`,`sequence`);--> statement-breakpoint
CREATE INDEX `ledger_decided` ON `ledger` (`decided_at_ms`);--> statement-breakpoint
CREATE TABLE `nodes` (
	`team` text NOT NULL,
	`name` text NOT NULL,
	`pools` text NOT NULL,
	`labels` text NOT NULL,
	`last_seen_at_ms` integer NOT NULL,
	PRIMARY KEY(`team`, `name`)
);
--> statement-breakpoint
CREATE INDEX `nodes_seen` ON `nodes` (`last_seen_at_ms`);--> statement-breakpoint
CREATE TABLE `outbox` (
	`sequence` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`id` text NOT NULL,
	`subject` text NOT NULL,
	`payload` blob NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `outbox_id_unique` ON `outbox` (`id`);--> statement-breakpoint
CREATE TABLE `runs` (
	`id` text PRIMARY KEY NOT NULL,
	`team` text NOT NULL,
	`key` text NOT NULL,
	`pipeline` text NOT NULL,
	`revision` integer NOT NULL,
	`body` text NOT NULL,
	`variables` text NOT NULL,
	`slot` text NOT NULL,
	`cause` text NOT NULL,
	`chain` integer NOT NULL,
	`due_at_ms` integer NOT NULL,
	`traceparent` text NOT NULL,
	`version` integer NOT NULL,
	`state` text NOT NULL,
	`fence` integer NOT NULL,
	`steps` integer NOT NULL,
	`node` text,
	`owner` text,
	`lease_until_ms` integer,
	`cancel_requested` integer NOT NULL,
	`started_at_ms` integer,
	`finished_at_ms` integer,
	`error` text
);
--> statement-breakpoint
CREATE UNIQUE INDEX `runs_open` ON `runs` (`team`,`key`) WHERE finished_at_ms is null;--> statement-breakpoint
CREATE INDEX `runs_waiting` ON `runs` (`team`,`slot`,`due_at_ms`) WHERE state = 'waiting';--> statement-breakpoint
CREATE INDEX `runs_leased` ON `runs` (`lease_until_ms`) WHERE lease_until_ms is not null;--> statement-breakpoint
CREATE INDEX `runs_team` ON `runs` (`team`,`id`);--> statement-breakpoint
CREATE INDEX `runs_pipeline` ON `runs` (`team`,`key`,`id`);--> statement-breakpoint
CREATE INDEX `runs_finished` ON `runs` (`finished_at_ms`) WHERE finished_at_ms is not null;--> statement-breakpoint
CREATE TABLE `schedules` (
	`team` text NOT NULL,
	`key` text NOT NULL,
	`pipeline` text NOT NULL,
	`body` text NOT NULL,
	`enabled` integer NOT NULL,
	`kind` text NOT NULL,
	`expr` text NOT NULL,
	`timezone` text,
	`slot` text NOT NULL,
	`next_at_ms` integer,
	PRIMARY KEY(`team`, `key`)
);
--> statement-breakpoint
CREATE INDEX `schedules_due` ON `schedules` (`next_at_ms`) WHERE next_at_ms is not null;--> statement-breakpoint
CREATE INDEX `schedules_name` ON `schedules` (`team`,`pipeline`);--> statement-breakpoint
CREATE INDEX `schedules_event` ON `schedules` (`team`,`expr`) WHERE kind = 'on-event';--> statement-breakpoint
CREATE TABLE `steps` (
	`run` text NOT NULL,
	`step_index` integer NOT NULL,
	`name` text NOT NULL,
	`fence` integer NOT NULL,
	`finished_at_ms` integer NOT NULL,
	`result` text NOT NULL,
	PRIMARY KEY(`run`, `step_index`)
);
--> statement-breakpoint
CREATE TABLE `teams` (
	`team` text PRIMARY KEY NOT NULL,
	`revision` integer NOT NULL,
	`variables` text NOT NULL,
	`stale` integer NOT NULL,
	CONSTRAINT "teams_monotonic" CHECK("teams"."stale" = 0)
);
--> statement-breakpoint
CREATE TABLE `ticker` (
	`id` integer PRIMARY KEY NOT NULL,
	`epoch` integer NOT NULL,
	`stale` integer NOT NULL,
	CONSTRAINT "ticker_epoch" CHECK("ticker"."stale" = 0)
);
