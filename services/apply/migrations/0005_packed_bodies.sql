CREATE TABLE `bodies` (
	`team` text NOT NULL,
	`sequence` integer NOT NULL,
	`packed` blob NOT NULL,
	PRIMARY KEY(`team`, `sequence`)
);
