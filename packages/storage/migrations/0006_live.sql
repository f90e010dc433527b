CREATE TABLE `hook_events` (
	`source` text NOT NULL,
	`event` text NOT NULL,
	`known` integer NOT NULL,
	`count` integer NOT NULL,
	`last_at` text NOT NULL,
	`last_ms` integer NOT NULL,
	`worst_ms` integer NOT NULL,
	PRIMARY KEY(`source`, `event`)
);
--> statement-breakpoint
CREATE TABLE `outbox` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`type` text NOT NULL,
	`created_at` text NOT NULL,
	`project_id` text,
	`session_id` text,
	`data` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `idx_outbox_created` ON `outbox` (`created_at`);--> statement-breakpoint
CREATE TABLE `session_runs` (
	`session_id` text PRIMARY KEY NOT NULL,
	`pid` integer,
	`process_start` text,
	`terminal` text,
	`started_at` text NOT NULL,
	`seen_at` text NOT NULL,
	`ended_at` text,
	`end_reason` text,
	`owed_handoff_id` text,
	FOREIGN KEY (`session_id`) REFERENCES `sessions`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`owed_handoff_id`) REFERENCES `handoffs`(`id`) ON UPDATE no action ON DELETE set null
);
--> statement-breakpoint
CREATE INDEX `idx_session_runs_pid` ON `session_runs` (`pid`);--> statement-breakpoint
CREATE TABLE `task_dependencies` (
	`task_id` text NOT NULL,
	`depends_on_id` text NOT NULL,
	`created_at` text NOT NULL,
	PRIMARY KEY(`task_id`, `depends_on_id`),
	FOREIGN KEY (`task_id`) REFERENCES `tasks`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`depends_on_id`) REFERENCES `tasks`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `idx_task_dependencies_depends_on` ON `task_dependencies` (`depends_on_id`);--> statement-breakpoint
ALTER TABLE `sessions` ADD `last_event` text;--> statement-breakpoint
ALTER TABLE `sessions` ADD `stop_reason` text;--> statement-breakpoint
CREATE INDEX `idx_tasks_project_status` ON `tasks` (`project_id`,`status`);--> statement-breakpoint
CREATE INDEX `idx_tasks_parent` ON `tasks` (`parent_task_id`);