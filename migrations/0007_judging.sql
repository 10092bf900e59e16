CREATE TABLE `item_flag` (
	`id` text PRIMARY KEY NOT NULL,
	`project_id` text NOT NULL,
	`item_id` text NOT NULL,
	`annotator_id` text NOT NULL,
	`problem` text NOT NULL,
	`note` text,
	`submission_id` text NOT NULL,
	`created_at` integer DEFAULT (cast(unixepoch('subsec') * 1000 as integer)) NOT NULL,
	`resolved_at` integer,
	`resolved_by` text,
	FOREIGN KEY (`project_id`) REFERENCES `project`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`item_id`) REFERENCES `item`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`annotator_id`) REFERENCES `user`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`resolved_by`) REFERENCES `user`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `item_flag_submission_id_unique` ON `item_flag` (`submission_id`);--> statement-breakpoint
CREATE INDEX `item_flag_item` ON `item_flag` (`item_id`);--> statement-breakpoint
CREATE INDEX `item_flag_open` ON `item_flag` (`project_id`,`created_at`) WHERE resolved_at is null;--> statement-breakpoint
ALTER TABLE `project` ADD `reason_choices` text DEFAULT '[]' NOT NULL;--> statement-breakpoint
ALTER TABLE `project` ADD `criteria` text DEFAULT '[]' NOT NULL;--> statement-breakpoint
ALTER TABLE `project` ADD `rules_changed_at` integer;--> statement-breakpoint
ALTER TABLE `project` ADD `change_minutes` integer DEFAULT 1440 NOT NULL;