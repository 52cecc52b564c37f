CREATE TABLE `folder_bases` (
	`team` text NOT NULL,
	`doc` text NOT NULL,
	`folder` text NOT NULL,
	`files` text NOT NULL,
	`version` text NOT NULL,
	`revision` text,
	`by` text NOT NULL,
	`at_ms` integer NOT NULL,
	PRIMARY KEY(`team`, `doc`, `folder`)
);
