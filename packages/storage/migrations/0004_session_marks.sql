CREATE TABLE `session_marks` (
	`mark` text NOT NULL,
	`session_id` text NOT NULL,
	PRIMARY KEY(`mark`, `session_id`),
	FOREIGN KEY (`session_id`) REFERENCES `sessions`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `idx_session_marks_session` ON `session_marks` (`session_id`);