CREATE TABLE `pair_batch` (
	`id` text PRIMARY KEY NOT NULL,
	`project_id` text NOT NULL,
	`user_id` text NOT NULL,
	`prompts` text NOT NULL,
	`prompt_count` integer NOT NULL,
	`model_ids` text NOT NULL,
	`model_names` text NOT NULL,
	`per_prompt` integer NOT NULL,
	`sampling` text NOT NULL,
	`state` text NOT NULL,
	`prompts_done` integer DEFAULT 0 NOT NULL,
	`pairs_added` integer DEFAULT 0 NOT NULL,
	`pairs_known` integer DEFAULT 0 NOT NULL,
	`pairs_left_out` integer DEFAULT 0 NOT NULL,
	`eta_seconds` real,
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
CREATE INDEX `pair_batch_project` ON `pair_batch` (`project_id`,`created_at`);--> statement-breakpoint
CREATE INDEX `pair_batch_queue` ON `pair_batch` (`state`,`created_at`) WHERE state in ('queued', 'running');--> statement-breakpoint
CREATE TABLE `scoring` (
	`id` text PRIMARY KEY NOT NULL,
	`project_id` text NOT NULL,
	`user_id` text NOT NULL,
	`request` text NOT NULL,
	`model_ids` text NOT NULL,
	`reward_model_id` text,
	`state` text NOT NULL,
	`result` text,
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
CREATE INDEX `scoring_queue` ON `scoring` (`state`,`created_at`) WHERE state in ('queued', 'running');