ALTER TABLE `refresh_tokens` ADD `used_by` text;--> statement-breakpoint
ALTER TABLE `refresh_tokens` ADD `successor` text;