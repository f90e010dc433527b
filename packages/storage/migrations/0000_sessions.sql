CREATE TABLE `projects` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`path` text,
	`created_at` text NOT NULL,
	`updated_at` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `projects_name_unique` ON `projects` (`name`);--> statement-breakpoint
CREATE TABLE `session_message_state` (
	`session_id` text PRIMARY KEY NOT NULL,
	`byte_offset` integer DEFAULT 0 NOT NULL,
	`next_index` integer DEFAULT 0 NOT NULL,
	`updated_at` text NOT NULL,
	FOREIGN KEY (`session_id`) REFERENCES `sessions`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `session_messages` (
	`id` integer PRIMARY KEY NOT NULL,
	`session_id` text NOT NULL,
	`message_index` integer NOT NULL,
	`role` text NOT NULL,
	`content_type` text NOT NULL,
	`tool_name` text,
	`tool_use_id` text,
	`is_error` integer DEFAULT false NOT NULL,
	`is_prompt` integer DEFAULT false NOT NULL,
	`is_sidechain` integer DEFAULT false NOT NULL,
	`searchable` integer DEFAULT true NOT NULL,
	`timestamp` text,
	`model` text,
	`actions` text,
	`content` text NOT NULL,
	`tool_input` text,
	`tool_result` text,
	FOREIGN KEY (`session_id`) REFERENCES `sessions`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `idx_session_messages_place` ON `session_messages` (`session_id`,`message_index`);--> statement-breakpoint
CREATE TABLE `session_tasks` (
	`session_id` text NOT NULL,
	`task_id` text NOT NULL,
	`action` text NOT NULL,
	`created_at` text NOT NULL,
	PRIMARY KEY(`session_id`, `task_id`, `action`),
	FOREIGN KEY (`session_id`) REFERENCES `sessions`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`task_id`) REFERENCES `tasks`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `idx_session_tasks_task` ON `session_tasks` (`task_id`);--> statement-breakpoint
CREATE TABLE `sessions` (
	`id` text PRIMARY KEY NOT NULL,
	`external_id` text NOT NULL,
	`source` text NOT NULL,
	`machine_id` text NOT NULL,
	`project_id` text NOT NULL,
	`seq_num` integer,
	`title` text,
	`status` text DEFAULT 'active' NOT NULL,
	`cwd` text,
	`git_branch` text,
	`model` text,
	`transcript_path` text,
	`parent_session_id` text,
	`agent_depth` integer DEFAULT 0 NOT NULL,
	`summary_markdown` text,
	`compact_markdown` text,
	`created_at` text NOT NULL,
	`updated_at` text NOT NULL,
	`last_activity_at` text NOT NULL,
	`ended_at` text,
	FOREIGN KEY (`project_id`) REFERENCES `projects`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`parent_session_id`) REFERENCES `sessions`(`id`) ON UPDATE no action ON DELETE set null,
	CONSTRAINT "sessions_status" CHECK(status IN ('active', 'paused', 'expired', 'archived', 'handoff_ready'))
);
--> statement-breakpoint
CREATE UNIQUE INDEX `idx_sessions_identity` ON `sessions` (`source`,`external_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `idx_sessions_seq_num` ON `sessions` (`seq_num`);--> statement-breakpoint
CREATE INDEX `idx_sessions_parent` ON `sessions` (`parent_session_id`);--> statement-breakpoint
CREATE TABLE `tasks` (
	`id` text PRIMARY KEY NOT NULL,
	`project_id` text NOT NULL,
	`seq_num` integer,
	`title` text NOT NULL,
	`description` text,
	`type` text DEFAULT 'task' NOT NULL,
	`priority` integer DEFAULT 2 NOT NULL,
	`status` text DEFAULT 'open' NOT NULL,
	`assignee` text,
	`parent_task_id` text,
	`labels` text DEFAULT '[]' NOT NULL,
	`created_at` text NOT NULL,
	`updated_at` text NOT NULL,
	`closed_at` text,
	`closed_reason` text,
	`closed_commit_sha` text,
	FOREIGN KEY (`project_id`) REFERENCES `projects`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`parent_task_id`) REFERENCES `tasks`(`id`) ON UPDATE no action ON DELETE set null,
	CONSTRAINT "tasks_status" CHECK(status IN ('open', 'in_progress', 'blocked', 'closed'))
);
--> statement-breakpoint
CREATE UNIQUE INDEX `idx_tasks_seq_num` ON `tasks` (`project_id`,`seq_num`);