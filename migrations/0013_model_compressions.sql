CREATE TABLE `model_compression` (
	`id` text PRIMARY KEY NOT NULL,
	`project_id` text NOT NULL,
	`user_id` text NOT NULL,
	`source_model_id` text NOT NULL,
	`base_model_id` text NOT NULL,
	`snapshot_id` text NOT NULL,
	`settings` text NOT NULL,
	`state` text NOT NULL,
	`step` integer DEFAULT 0 NOT NULL,
	`total_steps` integer NOT NULL,
	`eta_seconds` real,
	`report` text,
	`model_id` text,
	`error` text,
	`created_at` integer DEFAULT (cast(unixepoch('subsec') * 1000 as integer)) NOT NULL,
	`finished_at` integer,
	`lease_token` text,
	`lease_expires_at` integer,
	`attempts` integer DEFAULT 0 NOT NULL,
	`cancel_requested_at` integer,
	FOREIGN KEY (`project_id`) REFERENCES `project`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`user_id`) REFERENCES `user`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`snapshot_id`) REFERENCES `snapshot`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `model_compression_source` ON `model_compression` (`source_model_id`,`created_at`);--> statement-breakpoint
CREATE INDEX `model_compression_model` ON `model_compression` (`model_id`);--> statement-breakpoint
CREATE INDEX `model_compression_queue` ON `model_compression` (`state`,`created_at`) WHERE state in ('queued', 'running');