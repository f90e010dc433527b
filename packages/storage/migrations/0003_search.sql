-- Contentless: the text that is indexed has more in it than the text that is stored (parts of identifiers, single
-- CJK characters), and the rows are in session_messages already. rowid = session_messages.id.
CREATE VIRTUAL TABLE `message_search` USING fts5(text, content='', contentless_delete=1, tokenize='unicode61');--> statement-breakpoint
INSERT INTO `message_search`(`message_search`, `rank`) VALUES('hashsize', 8388608);
