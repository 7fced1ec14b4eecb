-- Visits are the drafts that they follow again; their revisions go.
SET CONSTRAINTS ALL IMMEDIATE;
DROP TRIGGER schedule_by_visits_insert ON visits;
DROP TRIGGER schedule_by_visits_update ON visits;
DROP TRIGGER schedule_by_visits_delete ON visits;
DROP TRIGGER schedule_by_attendances_update ON attendances;
DROP TRIGGER schedule_by_attendances_delete ON attendances;
DROP TRIGGER schedule_by_visit_requests_update ON visit_requests;
DROP TRIGGER schedule_by_visit_requests_delete ON visit_requests;
ALTER TABLE draft_visits ADD COLUMN is_standing BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE draft_visits SET is_standing = TRUE WHERE EXISTS (
    SELECT 1 FROM published_drafts d JOIN visits v ON v.id = d.visit_id
    WHERE d.draft_id = draft_visits.id AND v.plan_id = draft_visits.plan_id AND v.is_scheduled);
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
ALTER INDEX draft_visits_pkey RENAME TO visits_pkey;
ALTER INDEX draft_attendances_pkey RENAME TO attendances_pkey;
ALTER INDEX draft_requests_pkey RENAME TO visit_requests_pkey;
ALTER INDEX draft_requests_plan_id_request_id_key RENAME TO visit_requests_plan_id_request_id_key;
ALTER TABLE visits ALTER COLUMN is_standing DROP DEFAULT;
CREATE INDEX visits_by_plan ON visits (plan_id, id);
CREATE INDEX visits_by_day ON visits (is_standing, day, id);
CREATE INDEX visits_by_enterprise ON visits (enterprise_id, day);
CREATE INDEX attendances_by_department ON attendances (department_id, visit_id);
CREATE INDEX visit_requests_by_request ON visit_requests (request_id);
CREATE CONSTRAINT TRIGGER schedule_by_visits_insert AFTER INSERT ON visits
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
WHEN (NEW.is_standing)
EXECUTE FUNCTION change_stamp('schedule');
CREATE CONSTRAINT TRIGGER schedule_by_visits_update AFTER UPDATE ON visits
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
EXECUTE FUNCTION change_stamp('schedule');
CREATE CONSTRAINT TRIGGER schedule_by_visits_delete AFTER DELETE ON visits
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
EXECUTE FUNCTION change_stamp('schedule');
CREATE CONSTRAINT TRIGGER schedule_by_attendances_update AFTER UPDATE ON attendances
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
EXECUTE FUNCTION change_stamp('schedule');
CREATE CONSTRAINT TRIGGER schedule_by_attendances_delete AFTER DELETE ON attendances
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
EXECUTE FUNCTION change_stamp('schedule');
CREATE CONSTRAINT TRIGGER schedule_by_visit_requests_update AFTER UPDATE ON visit_requests
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
EXECUTE FUNCTION change_stamp('schedule');
CREATE CONSTRAINT TRIGGER schedule_by_visit_requests_delete AFTER DELETE ON visit_requests
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
EXECUTE FUNCTION change_stamp('schedule');
