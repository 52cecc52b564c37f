CREATE TABLE `reverts` (
	`id` text PRIMARY KEY NOT NULL,
	`team` text NOT NULL,
	`author` text NOT NULL,
	`key_hash` text NOT NULL,
	`body_hash` text NOT NULL,
	`packed` blob NOT NULL,
	`ended_at_ms` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `reverts_key` ON `reverts` (`team`,`author`,`key_hash`);--> statement-breakpoint
CREATE INDEX `reverts_ended` ON `reverts` (`ended_at_ms`) WHERE ended_at_ms is not null;--> statement-breakpoint
ALTER TABLE `requests` ADD `revert` text;--> statement-breakpoint
CREATE INDEX `requests_revert` ON `requests` (`revert`) WHERE revert is not null;--> statement-breakpoint
INSERT INTO `reverts` (`id`, `team`, `author`, `key_hash`, `body_hash`, `packed`)
SELECT `r`.`id`, `r`.`team`, `r`.`author`, substr(`r`.`idempotency_key`, 8, 32), substr(`r`.`idempotency_key`, 41, 32), `a`.`packed`
FROM `revert_answers` AS `a` JOIN `requests` AS `r` ON `r`.`id` = `a`.`request`
WHERE `r`.`idempotency_key` LIKE 'revert:%'
ON CONFLICT DO NOTHING;
--> statement-breakpoint
UPDATE `requests` SET `revert` = (
	SELECT `v`.`id` FROM `reverts` AS `v`
	WHERE `v`.`team` = `requests`.`team` AND `v`.`author` = `requests`.`author`
		AND `requests`.`idempotency_key` LIKE 'revert:' || `v`.`key_hash` || ':' || `v`.`body_hash` || ':%'
) WHERE `idempotency_key` LIKE 'revert:%';
