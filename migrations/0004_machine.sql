CREATE TABLE `machine_exam` (
	`id` integer PRIMARY KEY NOT NULL,
	`requested_at` integer NOT NULL,
	`started_at` integer,
	`finished_at` integer,
	`report` text,
	`reported_at` integer,
	`error` text
);
