CREATE TABLE `revert_answers` (
	`request` text PRIMARY KEY NOT NULL,
	`packed` blob NOT NULL
);
