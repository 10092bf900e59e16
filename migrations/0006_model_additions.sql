CREATE TABLE `model_addition` (
	`id` text PRIMARY KEY NOT NULL,
	`project_id` text NOT NULL,
	`user_id` text NOT NULL,
	`entry` text NOT NULL,
	`state` text NOT NULL,
	`model_id` text,
	`error` text,
	`created_at` integer DEFAULT (cast(unixepoch('subsec') * 1000 as integer)) NOT NULL,
	`finished_at` integer,
	`lease_token` text,
	`lease_expires_at` integer,
	`attempts` integer DEFAULT 0 NOT NULL,
	`cancel_requested_at` integer,
	FOREIGN KEY (`project_id`) REFERENCES `project`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`user_id`) REFERENCES `user`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `model_addition_project` ON `model_addition` (`project_id`,`created_at`);--> statement-breakpoint
CREATE INDEX `model_addition_queue` ON `model_addition` (`state`,`created_at`) WHERE state in ('queued', 'running');--> statement-breakpoint
ALTER TABLE `model` ADD `origin` text;