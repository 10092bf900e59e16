ALTER TABLE `model_addition` ADD `source` text DEFAULT 'incoming' NOT NULL;--> statement-breakpoint
ALTER TABLE `model_addition` ADD `plan` text;--> statement-breakpoint
ALTER TABLE `model_addition` ADD `stage` text;--> statement-breakpoint
ALTER TABLE `model_addition` ADD `bytes_done` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `model_addition` ADD `bytes_total` integer DEFAULT 0 NOT NULL;