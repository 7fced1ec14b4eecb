-- Visits are the drafts that they follow again; their revisions go.
DROP TRIGGER schedule_by_visits_insert;
DROP TRIGGER schedule_by_visits_update;
DROP TRIGGER schedule_by_visits_delete;
DROP TRIGGER schedule_by_attendances_update;
DROP TRIGGER schedule_by_attendances_delete;
DROP TRIGGER schedule_by_visit_requests_update;
DROP TRIGGER schedule_by_visit_requests_delete;
ALTER TABLE draft_visits ADD COLUMN is_standing INTEGER NOT NULL DEFAULT 0;
UPDATE draft_visits SET is_standing = 1 WHERE EXISTS (
    SELECT 1 FROM published_drafts d JOIN visits v ON v.id = d.visit_id
    WHERE d.draft_id = draft_visits.id AND v.plan_id = draft_visits.plan_id AND v.is_scheduled = 1);
DROP INDEX left_out_by_request;
DROP TABLE left_visits;
DROP TABLE published_drafts;
DROP TABLE visit_requests;
DROP TABLE attendances;
DROP TABLE visits;
DROP INDEX draft_visits_by_plan;
ALTER TABLE draft_visits RENAME TO visits;
ALTER TABLE draft_attendances RENAME TO attendances;
ALTER TABLE draft_requests RENAME TO visit_requests;
CREATE INDEX visits_by_plan ON visits (plan_id, id);
CREATE INDEX visits_by_day ON visits (is_standing, day, id);
CREATE INDEX visits_by_enterprise ON visits (enterprise_id, day);
CREATE INDEX attendances_by_department ON attendances (department_id, visit_id);
CREATE INDEX visit_requests_by_request ON visit_requests (request_id);
CREATE TRIGGER schedule_by_visits_insert AFTER INSERT ON visits
WHEN NEW.is_standing = 1 BEGIN
    UPDATE stamps SET stamp = lower(hex(randomblob(16))) WHERE name = 'schedule';
END;
CREATE TRIGGER schedule_by_visits_update AFTER UPDATE ON visits BEGIN
    UPDATE stamps SET stamp = lower(hex(randomblob(16))) WHERE name = 'schedule';
END;
CREATE TRIGGER schedule_by_visits_delete AFTER DELETE ON visits BEGIN
    UPDATE stamps SET stamp = lower(hex(randomblob(16))) WHERE name = 'schedule';
END;
CREATE TRIGGER schedule_by_attendances_update AFTER UPDATE ON attendances BEGIN
    UPDATE stamps SET stamp = lower(hex(randomblob(16))) WHERE name = 'schedule';
END;
CREATE TRIGGER schedule_by_attendances_delete AFTER DELETE ON attendances BEGIN
    UPDATE stamps SET stamp = lower(hex(randomblob(16))) WHERE name = 'schedule';
END;
CREATE TRIGGER schedule_by_visit_requests_update AFTER UPDATE ON visit_requests BEGIN
    UPDATE stamps SET stamp = lower(hex(randomblob(16))) WHERE name = 'schedule';
END;
CREATE TRIGGER schedule_by_visit_requests_delete AFTER DELETE ON visit_requests BEGIN
    UPDATE stamps SET stamp = lower(hex(randomblob(16))) WHERE name = 'schedule';
END;
