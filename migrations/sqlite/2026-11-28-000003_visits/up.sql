-- A plan's visits are drafts. A visit is what people keep: it has one identity over all plans from the day
-- it is first published, a state, and a revision that counts its real changes.
DROP TRIGGER schedule_by_visits_insert;
DROP TRIGGER schedule_by_visits_update;
DROP TRIGGER schedule_by_visits_delete;
DROP TRIGGER schedule_by_attendances_update;
DROP TRIGGER schedule_by_attendances_delete;
DROP TRIGGER schedule_by_visit_requests_update;
DROP TRIGGER schedule_by_visit_requests_delete;
DROP INDEX visits_by_plan;
DROP INDEX visits_by_day;
DROP INDEX visits_by_enterprise;
DROP INDEX attendances_by_department;
DROP INDEX visit_requests_by_request;

ALTER TABLE visits RENAME TO draft_visits;
ALTER TABLE attendances RENAME TO draft_attendances;
ALTER TABLE visit_requests RENAME TO draft_requests;
CREATE INDEX draft_visits_by_plan ON draft_visits (plan_id, id);

CREATE TABLE visits (
    id TEXT NOT NULL PRIMARY KEY,
    -- the plan that it follows now
    plan_id TEXT NOT NULL REFERENCES plans (id),
    enterprise_id TEXT NOT NULL REFERENCES enterprises (id),
    area_id TEXT NOT NULL REFERENCES areas (id),
    day TEXT NOT NULL,
    scenario_id TEXT REFERENCES scenarios (id),
    state TEXT NOT NULL CHECK (state IN ('scheduled', 'notified', 'confirmed', 'under_way', 'held', 'closed',
        'abandoned', 'withdrawn', 'missed')),
    -- whether it takes a place on the schedule, as its state says
    is_scheduled INTEGER NOT NULL CHECK (is_scheduled IN (0, 1)),
    -- counts changes of day, company, requests and scenario
    revision INTEGER NOT NULL,
    changed_at TEXT NOT NULL
) STRICT;

INSERT INTO visits
SELECT v.id, v.plan_id, v.enterprise_id, v.area_id, v.day, v.scenario_id,
    CASE WHEN v.is_standing THEN 'scheduled' ELSE 'withdrawn' END, v.is_standing, 1,
    strftime('%Y-%m-%d %H:%M:%f', 'now')
FROM draft_visits v JOIN plans p ON p.id = v.plan_id WHERE p.state <> 'draft';

CREATE INDEX visits_by_day ON visits (is_scheduled, day, id);
CREATE INDEX visits_by_enterprise ON visits (enterprise_id, day);

-- Each department's presence at a visit.
CREATE TABLE attendances (
    visit_id TEXT NOT NULL REFERENCES visits (id),
    department_id TEXT NOT NULL REFERENCES departments (id),
    inspectors INTEGER NOT NULL,
    minutes INTEGER NOT NULL,
    PRIMARY KEY (visit_id, department_id)
) STRICT;

INSERT INTO attendances SELECT a.visit_id, a.department_id, a.inspectors, a.minutes
FROM draft_attendances a JOIN visits v ON v.id = a.visit_id;

CREATE INDEX attendances_by_department ON attendances (department_id, visit_id);

-- What a visit is for.
CREATE TABLE visit_requests (
    visit_id TEXT NOT NULL REFERENCES visits (id),
    request_id TEXT NOT NULL REFERENCES requests (id),
    PRIMARY KEY (visit_id, request_id)
) STRICT;

INSERT INTO visit_requests SELECT r.visit_id, r.request_id
FROM draft_requests r JOIN visits v ON v.id = r.visit_id;

CREATE INDEX visit_requests_by_request ON visit_requests (request_id);

-- The visits that drafts became when their plan was published.
CREATE TABLE published_drafts (
    draft_id TEXT NOT NULL PRIMARY KEY REFERENCES draft_visits (id),
    visit_id TEXT NOT NULL REFERENCES visits (id)
) STRICT;

INSERT INTO published_drafts SELECT id, id FROM visits;

ALTER TABLE draft_visits DROP COLUMN is_standing;

-- Requests that a visit was for and that a later plan put elsewhere, by the last revision that had them.
CREATE TABLE left_visits (
    visit_id TEXT NOT NULL REFERENCES visits (id),
    request_id TEXT NOT NULL REFERENCES requests (id),
    revision INTEGER NOT NULL,
    left_at TEXT NOT NULL,
    PRIMARY KEY (visit_id, request_id, revision)
) STRICT;

CREATE INDEX left_visits_by_request ON left_visits (request_id);
CREATE INDEX left_out_by_request ON left_out (request_id);

-- schedule: what is in the visits of the schedule
CREATE TRIGGER schedule_by_visits_insert AFTER INSERT ON visits BEGIN
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
