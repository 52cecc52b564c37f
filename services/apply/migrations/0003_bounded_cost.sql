DROP INDEX `requests_open`;--> statement-breakpoint
CREATE INDEX `requests_ended` ON `requests` (`finished_at_ms`) WHERE finished_at_ms is not null;--> statement-breakpoint
CREATE INDEX `requests_open` ON `requests` (`team`) WHERE state in ('requested', 'publishing');--> statement-breakpoint
ALTER TABLE `revisions` ADD `cold` integer DEFAULT false NOT NULL;--> statement-breakpoint
CREATE INDEX `revisions_hot` ON `revisions` (`team`,`sequence`) WHERE cold = 0;