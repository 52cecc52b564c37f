CREATE TABLE `asked` (
	`team` text NOT NULL,
	`author` text NOT NULL,
	`idempotency_key` text NOT NULL,
	`what` text NOT NULL,
	`run` text NOT NULL,
	PRIMARY KEY(`team`, `author`, `idempotency_key`)
);
--> statement-breakpoint
CREATE INDEX `asked_run` ON `asked` (`run`);