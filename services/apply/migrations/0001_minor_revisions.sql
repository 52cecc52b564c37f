CREATE TABLE `__new_revisions` (
	`team` text NOT NULL,
	`sequence` integer NOT NULL,
	`number` integer NOT NULL,
	`minor` integer NOT NULL,
	`state` text NOT NULL,
	`request` text NOT NULL,
	`digest` text NOT NULL,
	`meta` text NOT NULL,
	`body` text,
	`event_id` text NOT NULL,
	PRIMARY KEY(`team`, `sequence`)
);
--> statement-breakpoint
INSERT INTO `__new_revisions`("team", "sequence", "number", "minor", "state", "request", "digest", "meta", "body", "event_id") SELECT "team", "number", "number", 0, "state", "request", "digest", json_set("meta", '$.sequence', "number", '$.minor', 0), "body", "event_id" FROM `revisions`;--> statement-breakpoint
DROP TABLE `revisions`;--> statement-breakpoint
ALTER TABLE `__new_revisions` RENAME TO `revisions`;--> statement-breakpoint
CREATE UNIQUE INDEX `revisions_name` ON `revisions` (`team`,`number`,`minor`);--> statement-breakpoint
CREATE UNIQUE INDEX `revisions_request` ON `revisions` (`request`);--> statement-breakpoint
CREATE UNIQUE INDEX `revisions_publishing` ON `revisions` (`team`) WHERE state = 'publishing';--> statement-breakpoint
ALTER TABLE `requests` ADD `kind` text DEFAULT 'apply' NOT NULL;
