-- What is made once from many rows and kept by servers is good as long as the stamp of these rows is the
-- same. A stamp is random, not a count: a database that is put back from a backup never comes to one
-- that stood for other rows.
CREATE TABLE stamps (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    stamp TEXT COLLATE "C" NOT NULL
);
INSERT INTO stamps VALUES ('access', gen_random_uuid()::text), ('schedule', gen_random_uuid()::text);

-- Once a transaction, and when it commits: nobody waits for a stamp while something else waits for him.
CREATE FUNCTION change_stamp() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    setting TEXT := 'onevisit.stamp_' || TG_ARGV[0];
    own TEXT := pg_current_xact_id()::text;
BEGIN
    IF current_setting(setting, true) IS DISTINCT FROM own THEN
        UPDATE stamps SET stamp = gen_random_uuid()::text WHERE name = TG_ARGV[0];
        PERFORM set_config(setting, own, true);
    END IF;
    RETURN NULL;
END
$$;

-- access: what tells who calls and what the caller may do
CREATE CONSTRAINT TRIGGER access_by_users_update AFTER UPDATE OF name ON users
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
WHEN (NEW.name IS DISTINCT FROM OLD.name)
EXECUTE FUNCTION change_stamp('access');
CREATE CONSTRAINT TRIGGER access_by_accounts_update AFTER UPDATE ON accounts
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
EXECUTE FUNCTION change_stamp('access');
CREATE CONSTRAINT TRIGGER access_by_accounts_delete AFTER DELETE ON accounts
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
EXECUTE FUNCTION change_stamp('access');
CREATE CONSTRAINT TRIGGER access_by_user_roles_insert AFTER INSERT ON user_roles
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
EXECUTE FUNCTION change_stamp('access');
CREATE CONSTRAINT TRIGGER access_by_user_roles_update AFTER UPDATE ON user_roles
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
EXECUTE FUNCTION change_stamp('access');
CREATE CONSTRAINT TRIGGER access_by_user_roles_delete AFTER DELETE ON user_roles
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
EXECUTE FUNCTION change_stamp('access');
CREATE CONSTRAINT TRIGGER access_by_user_departments_insert AFTER INSERT ON user_departments
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
EXECUTE FUNCTION change_stamp('access');
CREATE CONSTRAINT TRIGGER access_by_user_departments_update AFTER UPDATE ON user_departments
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
EXECUTE FUNCTION change_stamp('access');
CREATE CONSTRAINT TRIGGER access_by_user_departments_delete AFTER DELETE ON user_departments
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
EXECUTE FUNCTION change_stamp('access');
CREATE CONSTRAINT TRIGGER access_by_user_areas_insert AFTER INSERT ON user_areas
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
EXECUTE FUNCTION change_stamp('access');
CREATE CONSTRAINT TRIGGER access_by_user_areas_update AFTER UPDATE ON user_areas
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
EXECUTE FUNCTION change_stamp('access');
CREATE CONSTRAINT TRIGGER access_by_user_areas_delete AFTER DELETE ON user_areas
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
EXECUTE FUNCTION change_stamp('access');
CREATE CONSTRAINT TRIGGER access_by_areas_insert AFTER INSERT ON areas
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
EXECUTE FUNCTION change_stamp('access');
CREATE CONSTRAINT TRIGGER access_by_areas_update AFTER UPDATE OF parent_id ON areas
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
WHEN (NEW.parent_id IS DISTINCT FROM OLD.parent_id)
EXECUTE FUNCTION change_stamp('access');
CREATE CONSTRAINT TRIGGER access_by_areas_delete AFTER DELETE ON areas
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
EXECUTE FUNCTION change_stamp('access');
CREATE CONSTRAINT TRIGGER access_by_sessions_update AFTER UPDATE OF user_id, ends_at, ended_at ON sessions
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
WHEN (NEW.user_id IS DISTINCT FROM OLD.user_id OR NEW.ends_at IS DISTINCT FROM OLD.ends_at OR NEW.ended_at IS DISTINCT FROM OLD.ended_at)
EXECUTE FUNCTION change_stamp('access');
CREATE CONSTRAINT TRIGGER access_by_sessions_delete AFTER DELETE ON sessions
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
WHEN (OLD.ended_at IS NULL)
EXECUTE FUNCTION change_stamp('access');
CREATE CONSTRAINT TRIGGER access_by_api_tokens_update AFTER UPDATE ON api_tokens
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
EXECUTE FUNCTION change_stamp('access');
CREATE CONSTRAINT TRIGGER access_by_api_tokens_delete AFTER DELETE ON api_tokens
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
EXECUTE FUNCTION change_stamp('access');
CREATE CONSTRAINT TRIGGER access_by_signing_keys_update AFTER UPDATE ON signing_keys
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
EXECUTE FUNCTION change_stamp('access');
CREATE CONSTRAINT TRIGGER access_by_signing_keys_delete AFTER DELETE ON signing_keys
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
EXECUTE FUNCTION change_stamp('access');

-- schedule: what stands in the visits of the schedule; those of a draft join it by an update
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
CREATE CONSTRAINT TRIGGER schedule_by_requests_update AFTER UPDATE OF reference, department_id, item_id, minutes ON requests
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
WHEN (NEW.reference IS DISTINCT FROM OLD.reference OR NEW.department_id IS DISTINCT FROM OLD.department_id OR NEW.item_id IS DISTINCT FROM OLD.item_id OR NEW.minutes IS DISTINCT FROM OLD.minutes)
EXECUTE FUNCTION change_stamp('schedule');
-- what waits for approval is in no visit
CREATE CONSTRAINT TRIGGER schedule_by_requests_update_2 AFTER UPDATE OF state ON requests
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
WHEN (OLD.state <> 'approval_pending' AND (OLD.state = 'accepted') <> (NEW.state = 'accepted'))
EXECUTE FUNCTION change_stamp('schedule');
CREATE CONSTRAINT TRIGGER schedule_by_items_update AFTER UPDATE OF name_zh, name_en ON items
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
WHEN (NEW.name_zh IS DISTINCT FROM OLD.name_zh OR NEW.name_en IS DISTINCT FROM OLD.name_en)
EXECUTE FUNCTION change_stamp('schedule');
CREATE CONSTRAINT TRIGGER schedule_by_enterprises_update AFTER UPDATE OF name_zh, name_en ON enterprises
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
WHEN (NEW.name_zh IS DISTINCT FROM OLD.name_zh OR NEW.name_en IS DISTINCT FROM OLD.name_en)
EXECUTE FUNCTION change_stamp('schedule');
