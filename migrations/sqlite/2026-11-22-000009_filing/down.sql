DROP TABLE rule_packs;
DROP TABLE kept_answers;
DROP TABLE off_site_checks;
DROP INDEX requests_by_plan;
ALTER TABLE requests DROP COLUMN approval_due;
ALTER TABLE requests DROP COLUMN approved_at;
ALTER TABLE requests DROP COLUMN approved_by;
ALTER TABLE requests DROP COLUMN agreement;
ALTER TABLE requests DROP COLUMN on_site_reason;
ALTER TABLE requests DROP COLUMN draw_id;
ALTER TABLE requests DROP COLUMN plan_id;
ALTER TABLE requests DROP COLUMN reason;
DROP INDEX requests_by_window;
ALTER TABLE requests ADD COLUMN stage TEXT NOT NULL DEFAULT 'accepted' CHECK (stage IN ('accepted', 'withdrawn'));
-- what is neither planned nor was is as good as withdrawn
UPDATE requests SET stage = 'withdrawn' WHERE state <> 'accepted';
ALTER TABLE requests DROP COLUMN state;
ALTER TABLE requests RENAME COLUMN stage TO state;
CREATE INDEX requests_by_window ON requests (state, latest);
