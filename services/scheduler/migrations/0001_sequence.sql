ALTER TABLE `teams` ADD `sequence` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
UPDATE `teams` SET `sequence` = `revision`;
