-- A pack that is in force with all that it extends, as these were when it was put there: a JSON list of the
-- documents, its own first. Absent: put into force by an earlier version, and pinned when that is opened.
ALTER TABLE rule_packs ADD COLUMN pinned TEXT;
