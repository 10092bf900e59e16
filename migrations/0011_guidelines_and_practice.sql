CREATE TABLE `guideline_reading` (
	`project_id` text NOT NULL,
	`user_id` text NOT NULL,
	`version` integer NOT NULL,
	`read_at` integer NOT NULL,
	`created_at` integer DEFAULT (cast(unixepoch('subsec') * 1000 as integer)) NOT NULL,
	PRIMARY KEY(`project_id`, `user_id`, `version`),
	FOREIGN KEY (`project_id`) REFERENCES `project`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`user_id`) REFERENCES `user`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `guideline_version` (
	`project_id` text NOT NULL,
	`version` integer NOT NULL,
	`text` text NOT NULL,
	`examples` text DEFAULT '[]' NOT NULL,
	`change` text DEFAULT '' NOT NULL,
	`created_by` text,
	`created_at` integer DEFAULT (cast(unixepoch('subsec') * 1000 as integer)) NOT NULL,
	PRIMARY KEY(`project_id`, `version`),
	FOREIGN KEY (`project_id`) REFERENCES `project`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`created_by`) REFERENCES `user`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `practice_answer` (
	`id` text PRIMARY KEY NOT NULL,
	`project_id` text NOT NULL,
	`pair_id` text NOT NULL,
	`user_id` text NOT NULL,
	`verdict` integer,
	`both_bad` integer NOT NULL,
	`match` text NOT NULL,
	`duration_ms` integer NOT NULL,
	`created_at` integer DEFAULT (cast(unixepoch('subsec') * 1000 as integer)) NOT NULL,
	FOREIGN KEY (`project_id`) REFERENCES `project`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`pair_id`) REFERENCES `practice_pair`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`user_id`) REFERENCES `user`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `practice_answer_key` ON `practice_answer` (`pair_id`,`user_id`);--> statement-breakpoint
CREATE INDEX `practice_answer_person` ON `practice_answer` (`project_id`,`user_id`);--> statement-breakpoint
CREATE TABLE `practice_pair` (
	`id` text PRIMARY KEY NOT NULL,
	`project_id` text NOT NULL,
	`position` integer NOT NULL,
	`pair` text NOT NULL,
	`item_id` text,
	`created_by` text,
	`created_at` integer DEFAULT (cast(unixepoch('subsec') * 1000 as integer)) NOT NULL,
	`retired_at` integer,
	FOREIGN KEY (`project_id`) REFERENCES `project`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`item_id`) REFERENCES `item`(`id`) ON UPDATE no action ON DELETE set null,
	FOREIGN KEY (`created_by`) REFERENCES `user`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `practice_pair_project` ON `practice_pair` (`project_id`,`position`);--> statement-breakpoint
ALTER TABLE `project` ADD `practice_pairs` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `judgement` ADD `guideline_version` integer;--> statement-breakpoint
INSERT INTO `guideline_version` (`project_id`, `version`, `text`, `created_by`)
SELECT `id`, 1, `guidelines`, `created_by` FROM `project` WHERE trim(`guidelines`) <> '';
