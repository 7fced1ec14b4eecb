-- What is made once from many rows and kept by servers is good as long as the stamp of these rows is the
-- same. A stamp is random, not a count: a database that is put back from a backup never comes to one
-- that stood for other rows.
CREATE TABLE stamps (name TEXT NOT NULL PRIMARY KEY, stamp TEXT NOT NULL) STRICT;
INSERT INTO stamps VALUES ('access', lower(hex(randomblob(16)))), ('schedule', lower(hex(randomblob(16))));

-- access: what tells who calls and what the caller may do
CREATE TRIGGER access_by_users_update AFTER UPDATE OF name ON users
WHEN NEW.name IS NOT OLD.name BEGIN
    UPDATE stamps SET stamp = lower(hex(randomblob(16))) WHERE name = 'access';
END;
CREATE TRIGGER access_by_accounts_update AFTER UPDATE ON accounts BEGIN
    UPDATE stamps SET stamp = lower(hex(randomblob(16))) WHERE name = 'access';
END;
CREATE TRIGGER access_by_accounts_delete AFTER DELETE ON accounts BEGIN
    UPDATE stamps SET stamp = lower(hex(randomblob(16))) WHERE name = 'access';
END;
CREATE TRIGGER access_by_user_roles_insert AFTER INSERT ON user_roles BEGIN
    UPDATE stamps SET stamp = lower(hex(randomblob(16))) WHERE name = 'access';
END;
CREATE TRIGGER access_by_user_roles_update AFTER UPDATE ON user_roles BEGIN
    UPDATE stamps SET stamp = lower(hex(randomblob(16))) WHERE name = 'access';
END;
CREATE TRIGGER access_by_user_roles_delete AFTER DELETE ON user_roles BEGIN
    UPDATE stamps SET stamp = lower(hex(randomblob(16))) WHERE name = 'access';
END;
CREATE TRIGGER access_by_user_departments_insert AFTER INSERT ON user_departments BEGIN
    UPDATE stamps SET stamp = lower(hex(randomblob(16))) WHERE name = 'access';
END;
CREATE TRIGGER access_by_user_departments_update AFTER UPDATE ON user_departments BEGIN
    UPDATE stamps SET stamp = lower(hex(randomblob(16))) WHERE name = 'access';
END;
CREATE TRIGGER access_by_user_departments_delete AFTER DELETE ON user_departments BEGIN
    UPDATE stamps SET stamp = lower(hex(randomblob(16))) WHERE name = 'access';
END;
CREATE TRIGGER access_by_user_areas_insert AFTER INSERT ON user_areas BEGIN
    UPDATE stamps SET stamp = lower(hex(randomblob(16))) WHERE name = 'access';
END;
CREATE TRIGGER access_by_user_areas_update AFTER UPDATE ON user_areas BEGIN
    UPDATE stamps SET stamp = lower(hex(randomblob(16))) WHERE name = 'access';
END;
CREATE TRIGGER access_by_user_areas_delete AFTER DELETE ON user_areas BEGIN
    UPDATE stamps SET stamp = lower(hex(randomblob(16))) WHERE name = 'access';
END;
CREATE TRIGGER access_by_areas_insert AFTER INSERT ON areas BEGIN
    UPDATE stamps SET stamp = lower(hex(randomblob(16))) WHERE name = 'access';
END;
CREATE TRIGGER access_by_areas_update AFTER UPDATE OF parent_id ON areas
WHEN NEW.parent_id IS NOT OLD.parent_id BEGIN
    UPDATE stamps SET stamp = lower(hex(randomblob(16))) WHERE name = 'access';
END;
CREATE TRIGGER access_by_areas_delete AFTER DELETE ON areas BEGIN
    UPDATE stamps SET stamp = lower(hex(randomblob(16))) WHERE name = 'access';
END;
CREATE TRIGGER access_by_sessions_update AFTER UPDATE OF user_id, ends_at, ended_at ON sessions
WHEN NEW.user_id IS NOT OLD.user_id OR NEW.ends_at IS NOT OLD.ends_at OR NEW.ended_at IS NOT OLD.ended_at BEGIN
    UPDATE stamps SET stamp = lower(hex(randomblob(16))) WHERE name = 'access';
END;
CREATE TRIGGER access_by_sessions_delete AFTER DELETE ON sessions
WHEN OLD.ended_at IS NULL BEGIN
    UPDATE stamps SET stamp = lower(hex(randomblob(16))) WHERE name = 'access';
END;
CREATE TRIGGER access_by_api_tokens_update AFTER UPDATE ON api_tokens BEGIN
    UPDATE stamps SET stamp = lower(hex(randomblob(16))) WHERE name = 'access';
END;
CREATE TRIGGER access_by_api_tokens_delete AFTER DELETE ON api_tokens BEGIN
    UPDATE stamps SET stamp = lower(hex(randomblob(16))) WHERE name = 'access';
END;
CREATE TRIGGER access_by_signing_keys_update AFTER UPDATE ON signing_keys BEGIN
    UPDATE stamps SET stamp = lower(hex(randomblob(16))) WHERE name = 'access';
END;
CREATE TRIGGER access_by_signing_keys_delete AFTER DELETE ON signing_keys BEGIN
    UPDATE stamps SET stamp = lower(hex(randomblob(16))) WHERE name = 'access';
END;

-- schedule: what stands in the visits of the schedule; those of a draft join it by an update
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
CREATE TRIGGER schedule_by_requests_update AFTER UPDATE OF reference, department_id, item_id, minutes ON requests
WHEN NEW.reference IS NOT OLD.reference OR NEW.department_id IS NOT OLD.department_id OR NEW.item_id IS NOT OLD.item_id OR NEW.minutes IS NOT OLD.minutes BEGIN
    UPDATE stamps SET stamp = lower(hex(randomblob(16))) WHERE name = 'schedule';
END;
-- what waits for approval is in no visit
CREATE TRIGGER schedule_by_requests_update_2 AFTER UPDATE OF state ON requests
WHEN OLD.state <> 'approval_pending' AND (OLD.state = 'accepted') <> (NEW.state = 'accepted') BEGIN
    UPDATE stamps SET stamp = lower(hex(randomblob(16))) WHERE name = 'schedule';
END;
CREATE TRIGGER schedule_by_items_update AFTER UPDATE OF name_zh, name_en ON items
WHEN NEW.name_zh IS NOT OLD.name_zh OR NEW.name_en IS NOT OLD.name_en BEGIN
    UPDATE stamps SET stamp = lower(hex(randomblob(16))) WHERE name = 'schedule';
END;
CREATE TRIGGER schedule_by_enterprises_update AFTER UPDATE OF name_zh, name_en ON enterprises
WHEN NEW.name_zh IS NOT OLD.name_zh OR NEW.name_en IS NOT OLD.name_en BEGIN
    UPDATE stamps SET stamp = lower(hex(randomblob(16))) WHERE name = 'schedule';
END;
