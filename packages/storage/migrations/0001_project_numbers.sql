CREATE TABLE `counters` (
	`scope` text NOT NULL,
	`kind` text NOT NULL,
	`value` integer NOT NULL,
	PRIMARY KEY(`scope`, `kind`)
);
--> statement-breakpoint
DROP INDEX `idx_sessions_seq_num`;--> statement-breakpoint
-- Every session is numbered anew, those that had a number too, so that nothing collides.
UPDATE `sessions` SET `seq_num` = `numbered`.`n` FROM (
	SELECT `id`, row_number() OVER (PARTITION BY `project_id` ORDER BY `created_at`, `id`) AS `n` FROM `sessions`
) AS `numbered` WHERE `numbered`.`id` = `sessions`.`id`;--> statement-breakpoint
INSERT INTO `counters` SELECT `project_id`, 'session', max(`seq_num`) FROM `sessions` GROUP BY `project_id`;--> statement-breakpoint
INSERT INTO `counters` SELECT `project_id`, 'task', max(`seq_num`) FROM `tasks` WHERE `seq_num` IS NOT NULL GROUP BY `project_id`;--> statement-breakpoint
CREATE UNIQUE INDEX `idx_sessions_seq_num` ON `sessions` (`project_id`,`seq_num`);--> statement-breakpoint
ALTER TABLE `projects` ADD `git_dir` text;--> statement-breakpoint
CREATE INDEX `idx_projects_path` ON `projects` (`path`);--> statement-breakpoint
CREATE INDEX `idx_projects_git_dir` ON `projects` (`git_dir`);--> statement-breakpoint
-- The column stays nullable: SQLite could only change that by a rebuild, and a rebuild empties what refers to the table.
CREATE TRIGGER `sessions_seq_num_required` BEFORE INSERT ON `sessions` WHEN NEW.`seq_num` IS NULL
BEGIN SELECT RAISE(ABORT, 'sessions.seq_num is required'); END;
