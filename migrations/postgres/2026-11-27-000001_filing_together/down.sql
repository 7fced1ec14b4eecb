DROP INDEX requests_by_end;
DROP TABLE kept_steps;
ALTER TABLE kept_answers DROP COLUMN held_at;
ALTER TABLE kept_answers DROP COLUMN holder;
