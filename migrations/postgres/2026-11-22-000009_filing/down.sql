DROP TABLE rule_packs;
DROP TABLE kept_answers;
DROP TABLE off_site_checks;
DROP INDEX requests_by_plan;
ALTER TABLE items DROP COLUMN class;
ALTER TABLE enterprises DROP COLUMN is_designated;
ALTER TABLE enterprises DROP COLUMN safety_level;
ALTER TABLE requests DROP COLUMN contact;
ALTER TABLE requests
    DROP COLUMN approval_due,
    DROP COLUMN approved_at,
    DROP COLUMN approved_by,
    DROP COLUMN agreement,
    DROP COLUMN on_site_reason,
    DROP COLUMN draw_id,
    DROP COLUMN plan_id,
    DROP COLUMN reason;
ALTER TABLE requests DROP CONSTRAINT requests_state_check;
-- what is neither planned nor was is as good as withdrawn
UPDATE requests SET state = 'withdrawn' WHERE state <> 'accepted';
ALTER TABLE requests ADD CONSTRAINT requests_state_check CHECK (state IN ('accepted', 'withdrawn'));
