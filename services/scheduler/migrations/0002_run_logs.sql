CREATE TABLE `log_lines` (
	`run` text NOT NULL,
	`number` integer NOT NULL,
	`fence` integer NOT NULL,
	`at_ms` integer NOT NULL,
	`level` text NOT NULL,
	`step` text,
	`text` text NOT NULL,
	PRIMARY KEY(`run`, `number`)
);
--> statement-breakpoint
CREATE TABLE `logs` (
	`run` text PRIMARY KEY NOT NULL,
	`fence` integer NOT NULL,
	`next_sequence` integer NOT NULL,
	`last_number` integer NOT NULL,
	`size_bytes` integer NOT NULL,
	`late_errors` integer NOT NULL,
	`is_full` integer NOT NULL,
	`stale` integer NOT NULL,
	CONSTRAINT "logs_fence" CHECK("logs"."stale" = 0)
);
