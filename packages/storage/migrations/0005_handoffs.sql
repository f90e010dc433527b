CREATE TABLE `handoff_deliveries` (
	`handoff_id` text PRIMARY KEY NOT NULL,
	`session_id` text NOT NULL,
	`delivered_at` text NOT NULL,
	FOREIGN KEY (`handoff_id`) REFERENCES `handoffs`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`session_id`) REFERENCES `sessions`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `idx_handoff_deliveries_session` ON `handoff_deliveries` (`session_id`);--> statement-breakpoint
CREATE TABLE `handoffs` (
	`id` text PRIMARY KEY NOT NULL,
	`session_id` text NOT NULL,
	`created_at` text NOT NULL,
	`made_by` text NOT NULL,
	`notes` text,
	`context` text NOT NULL,
	`markdown` text NOT NULL,
	`sha256` text NOT NULL,
	`masked` integer DEFAULT 0 NOT NULL,
	FOREIGN KEY (`session_id`) REFERENCES `sessions`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "handoffs_made_by" CHECK(made_by IN ('person', 'agent', 'hook'))
);
--> statement-breakpoint
CREATE INDEX `idx_handoffs_session` ON `handoffs` (`session_id`,`created_at`);--> statement-breakpoint
CREATE TABLE `session_commits` (
	`id` integer PRIMARY KEY NOT NULL,
	`session_id` text NOT NULL,
	`hash` text,
	`message` text NOT NULL,
	`timestamp` text,
	`author` text,
	`branch` text,
	`evidence` text NOT NULL,
	`certainty` text NOT NULL,
	FOREIGN KEY (`session_id`) REFERENCES `sessions`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `idx_session_commits_session` ON `session_commits` (`session_id`);--> statement-breakpoint
CREATE INDEX `idx_session_commits_hash` ON `session_commits` (`hash`);