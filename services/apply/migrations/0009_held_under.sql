ALTER TABLE `requests` ADD `held_under` integer;--> statement-breakpoint
ALTER TABLE `requests` ADD `reserved` integer DEFAULT false NOT NULL;