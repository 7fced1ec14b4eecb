-- A plan's visits are drafts. A visit is what people keep: it has one identity over all plans from the day
-- it is first published, a state, and a revision that counts its real changes.
SET CONSTRAINTS ALL IMMEDIATE;
DROP TRIGGER schedule_by_visits_insert ON visits;
DROP TRIGGER schedule_by_visits_update ON visits;
DROP TRIGGER schedule_by_visits_delete ON visits;
DROP TRIGGER schedule_by_attendances_update ON attendances;
DROP TRIGGER schedule_by_attendances_delete ON attendances;
DROP TRIGGER schedule_by_visit_requests_update ON visit_requests;
DROP TRIGGER schedule_by_visit_requests_delete ON visit_requests;
DROP INDEX visits_by_plan;
DROP INDEX visits_by_day;
DROP INDEX visits_by_enterprise;
DROP INDEX attendances_by_department;
DROP INDEX visit_requests_by_request;

ALTER TABLE visits RENAME TO draft_visits;
ALTER TABLE attendances RENAME TO draft_attendances;
ALTER TABLE visit_requests RENAME TO draft_requests;
ALTER INDEX visits_pkey RENAME TO draft_visits_pkey;
ALTER INDEX attendances_pkey RENAME TO draft_attendances_pkey;
ALTER INDEX visit_requests_pkey RENAME TO draft_requests_pkey;
ALTER INDEX visit_requests_plan_id_request_id_key RENAME TO draft_requests_plan_id_request_id_key;
CREATE INDEX draft_visits_by_plan ON draft_visits (plan_id, id);

CREATE TABLE visits (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    -- the plan that it follows now
    plan_id TEXT COLLATE "C" NOT NULL REFERENCES plans (id),
    enterprise_id TEXT COLLATE "C" NOT NULL REFERENCES enterprises (id),
    area_id TEXT COLLATE "C" NOT NULL REFERENCES areas (id),
    day DATE NOT NULL,
    scenario_id TEXT COLLATE "C" REFERENCES scenarios (id),
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('scheduled', 'notified', 'confirmed', 'under_way', 'held', 'closed',
        'abandoned', 'withdrawn', 'missed')),
    -- whether it takes a place on the schedule, as its state says
    is_scheduled BOOLEAN NOT NULL,
    -- counts changes of day, company, requests and scenario
    revision BIGINT NOT NULL,
    changed_at TIMESTAMP NOT NULL
);

INSERT INTO visits
SELECT v.id, v.plan_id, v.enterprise_id, v.area_id, v.day, v.scenario_id,
    CASE WHEN v.is_standing THEN 'scheduled' ELSE 'withdrawn' END, v.is_standing, 1,
    (now() AT TIME ZONE 'UTC')
FROM draft_visits v JOIN plans p ON p.id = v.plan_id WHERE p.state <> 'draft';

CREATE INDEX visits_by_day ON visits (is_scheduled, day, id);
CREATE INDEX visits_by_enterprise ON visits (enterprise_id, day);

-- Each department's presence at a visit.
CREATE TABLE attendances (
    visit_id TEXT COLLATE "C" NOT NULL REFERENCES visits (id),
    department_id TEXT COLLATE "C" NOT NULL REFERENCES departments (id),
    inspectors BIGINT NOT NULL,
    minutes BIGINT NOT NULL,
    PRIMARY KEY (visit_id, department_id)
);

INSERT INTO attendances SELECT a.visit_id, a.department_id, a.inspectors, a.minutes
FROM draft_attendances a JOIN visits v ON v.id = a.visit_id;

CREATE INDEX attendances_by_department ON attendances (department_id, visit_id);

-- What a visit is for.
CREATE TABLE visit_requests (
    visit_id TEXT COLLATE "C" NOT NULL REFERENCES visits (id),
    request_id TEXT COLLATE "C" NOT NULL REFERENCES requests (id),
    PRIMARY KEY (visit_id, request_id)
);

INSERT INTO visit_requests SELECT r.visit_id, r.request_id
FROM draft_requests r JOIN visits v ON v.id = r.visit_id;

CREATE INDEX visit_requests_by_request ON visit_requests (request_id);

-- The visits that drafts became when their plan was published.
CREATE TABLE published_drafts (
    draft_id TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES draft_visits (id),
    visit_id TEXT COLLATE "C" NOT NULL REFERENCES visits (id)
);

INSERT INTO published_drafts SELECT id, id FROM visits;

ALTER TABLE draft_visits DROP COLUMN is_standing;

-- Requests that a visit was for and that a later plan put elsewhere, by the last revision that had them.
CREATE TABLE left_visits (
    visit_id TEXT COLLATE "C" NOT NULL REFERENCES visits (id),
    request_id TEXT COLLATE "C" NOT NULL REFERENCES requests (id),
    revision BIGINT NOT NULL,
    left_at TIMESTAMP NOT NULL,
    PRIMARY KEY (visit_id, request_id, revision)
);

CREATE INDEX left_visits_by_request ON left_visits (request_id);
CREATE INDEX left_out_by_request ON left_out (request_id);

-- schedule: what is in the visits of the schedule
CREATE CONSTRAINT TRIGGER schedule_by_visits_insert AFTER INSERT ON visits
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
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
