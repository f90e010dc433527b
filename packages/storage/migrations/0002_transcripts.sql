CREATE TABLE `deleted_sessions` (
	`source` text NOT NULL,
	`external_id` text NOT NULL,
	`path` text,
	`size` integer NOT NULL,
	`deleted_at` text NOT NULL,
	`unfinished_session_id` text,
	PRIMARY KEY(`source`, `external_id`)
);
--> statement-breakpoint
CREATE TABLE `session_status_audit` (
	`id` integer PRIMARY KEY NOT NULL,
	`session_id` text NOT NULL,
	`from_status` text,
	`to_status` text NOT NULL,
	`reason` text NOT NULL,
	`actor` text NOT NULL,
	`created_at` text NOT NULL,
	FOREIGN KEY (`session_id`) REFERENCES `sessions`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `idx_session_status_audit_session` ON `session_status_audit` (`session_id`);--> statement-breakpoint
CREATE TABLE `session_usage` (
	`session_id` text NOT NULL,
	`key` text NOT NULL,
	`model` text NOT NULL,
	`timestamp` text,
	`input_tokens` integer NOT NULL,
	`output_tokens` integer NOT NULL,
	`cache_read_tokens` integer NOT NULL,
	`cache_creation_tokens` integer NOT NULL,
	PRIMARY KEY(`session_id`, `key`),
	FOREIGN KEY (`session_id`) REFERENCES `sessions`(`id`) ON UPDATE no action ON DELETE cascade
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `settings` (
	`key` text PRIMARY KEY NOT NULL,
	`value` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `skipped_files` (
	`path` text PRIMARY KEY NOT NULL,
	`size` integer NOT NULL,
	`mtime_ms` integer NOT NULL,
	`inode` integer NOT NULL,
	`reason` text NOT NULL
);
--> statement-breakpoint
DROP INDEX `idx_session_messages_place`;--> statement-breakpoint
ALTER TABLE `session_messages` ADD `superseded` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX `idx_session_messages_tool_call` ON `session_messages` (`tool_use_id`) WHERE content_type = 'tool_use';--> statement-breakpoint
CREATE UNIQUE INDEX `idx_session_messages_place` ON `session_messages` (`session_id`,`superseded`,`message_index`);--> statement-breakpoint
ALTER TABLE `session_message_state` ADD `path` text;--> statement-breakpoint
ALTER TABLE `session_message_state` ADD `size` integer DEFAULT -1 NOT NULL;--> statement-breakpoint
ALTER TABLE `session_message_state` ADD `mtime_ms` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `session_message_state` ADD `inode` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `session_message_state` ADD `head_hash` text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE `session_message_state` ADD `tail_hash` text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE `session_message_state` ADD `parser_version` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `session_message_state` ADD `parser_state` text;--> statement-breakpoint
ALTER TABLE `session_message_state` ADD `skipped_reasons` text DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE `session_message_state` ADD `skipped_at` text DEFAULT '[]' NOT NULL;--> statement-breakpoint
ALTER TABLE `session_message_state` ADD `generation` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `sessions` ADD `row_key` integer;--> statement-breakpoint
ALTER TABLE `sessions` ADD `relation` text;--> statement-breakpoint
ALTER TABLE `sessions` ADD `message_count` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `sessions` ADD `turn_count` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `sessions` ADD `tool_call_count` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `sessions` ADD `input_tokens` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `sessions` ADD `output_tokens` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `sessions` ADD `cache_read_tokens` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `sessions` ADD `cache_creation_tokens` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `sessions` ADD `skipped_lines` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE UNIQUE INDEX `idx_sessions_row_key` ON `sessions` (`row_key`);--> statement-breakpoint
CREATE INDEX `idx_sessions_external_id` ON `sessions` (`external_id`);--> statement-breakpoint
CREATE INDEX `idx_sessions_project_activity` ON `sessions` (`project_id`,`last_activity_at`,`id`);--> statement-breakpoint
CREATE INDEX `idx_sessions_activity` ON `sessions` (`last_activity_at`,`id`);--> statement-breakpoint
UPDATE `sessions` SET `row_key` = `numbered`.`n` FROM (
	SELECT `id`, row_number() OVER (ORDER BY `created_at`, `id`) AS `n` FROM `sessions`
) AS `numbered` WHERE `numbered`.`id` = `sessions`.`id`;--> statement-breakpoint
INSERT INTO `counters` SELECT '', 'row_key', coalesce(max(`row_key`), 0) FROM `sessions`;--> statement-breakpoint
-- Through negative ids, so that no new id meets an old one on the way. 16777216 is ROWS_PER_SESSION.
UPDATE `session_messages` SET `id` = -`id`;--> statement-breakpoint
UPDATE `session_messages` SET `id` = `s`.`row_key` * 16777216 + `session_messages`.`message_index` + 1
FROM `sessions` AS `s` WHERE `s`.`id` = `session_messages`.`session_id`;--> statement-breakpoint
UPDATE `sessions` SET
	`message_count` = (SELECT count(*) FROM `session_messages` AS `m` WHERE `m`.`session_id` = `sessions`.`id`),
	`turn_count` = (SELECT count(*) FROM `session_messages` AS `m` WHERE `m`.`session_id` = `sessions`.`id` AND `m`.`is_prompt`),
	`tool_call_count` = (SELECT count(DISTINCT `m`.`tool_use_id`) FROM `session_messages` AS `m` WHERE `m`.`session_id` = `sessions`.`id` AND `m`.`content_type` = 'tool_use');
