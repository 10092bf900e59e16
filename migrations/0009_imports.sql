CREATE TABLE `labelled_response` (
	`id` text PRIMARY KEY NOT NULL,
	`project_id` text NOT NULL,
	`import_id` text,
	`external_id` text,
	`prompt` text NOT NULL,
	`prompt_hash` text NOT NULL,
	`response` text NOT NULL,
	`content_hash` text NOT NULL,
	`desirable` integer NOT NULL,
	`source_model` text,
	`annotator_key` text,
	`reason` text,
	`meta` text DEFAULT '{}' NOT NULL,
	`created_at` integer DEFAULT (cast(unixepoch('subsec') * 1000 as integer)) NOT NULL,
	FOREIGN KEY (`project_id`) REFERENCES `project`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`import_id`) REFERENCES `import_batch`(`id`) ON UPDATE no action ON DELETE set null
);
--> statement-breakpoint
CREATE UNIQUE INDEX `labelled_response_content` ON `labelled_response` (`project_id`,`content_hash`);--> statement-breakpoint
CREATE TABLE `upload` (
	`id` text PRIMARY KEY NOT NULL,
	`project_id` text NOT NULL,
	`file_name` text NOT NULL,
	`file_bytes` integer NOT NULL,
	`fingerprint` text NOT NULL,
	`created_by` text,
	`created_at` integer DEFAULT (cast(unixepoch('subsec') * 1000 as integer)) NOT NULL,
	`touched_at` integer NOT NULL,
	FOREIGN KEY (`project_id`) REFERENCES `project`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`created_by`) REFERENCES `user`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `upload_project` ON `upload` (`project_id`,`created_by`);--> statement-breakpoint
ALTER TABLE `snapshot` ADD `train_responses` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `snapshot` ADD `test_responses` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `import_batch` ADD `columns_hash` text;--> statement-breakpoint
ALTER TABLE `import_batch` ADD `responses_added` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `import_batch` ADD `started_by` text REFERENCES user(id);