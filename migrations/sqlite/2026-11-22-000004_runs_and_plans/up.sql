-- A problem is a snapshot, packed with gzip, and where each of its numbers came from.
CREATE TABLE problems (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    start_day TEXT NOT NULL,
    end_day TEXT NOT NULL,
    policy_version INTEGER NOT NULL REFERENCES policies (version),
    parent_plan_id TEXT,
    file BLOB NOT NULL,
    sources BLOB NOT NULL,
    created_at TEXT NOT NULL,
    created_by TEXT NOT NULL
) STRICT;

CREATE TABLE runs (
    id TEXT NOT NULL PRIMARY KEY,
    problem_id TEXT NOT NULL REFERENCES problems (id),
    state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed')),
    seed INTEGER NOT NULL,
    work_max INTEGER,
    seconds_max REAL,
    gap REAL NOT NULL,
    threads INTEGER NOT NULL,
    is_cancelled INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    created_by TEXT NOT NULL,
    started_at TEXT,
    finished_at TEXT,
    -- who works on it, and until when that is believed without a sign of life
    worker TEXT,
    lease_until TEXT,
    attempts INTEGER NOT NULL,
    cost INTEGER,
    bound INTEGER,
    work INTEGER,
    seconds REAL,
    error TEXT
) STRICT;

CREATE INDEX runs_by_state ON runs (state, id);

CREATE TABLE plans (
    id TEXT NOT NULL PRIMARY KEY,
    run_id TEXT NOT NULL UNIQUE REFERENCES runs (id),
    problem_id TEXT NOT NULL REFERENCES problems (id),
    parent_id TEXT REFERENCES plans (id),
    state TEXT NOT NULL CHECK (state IN ('draft', 'published', 'superseded')),
    cost INTEGER NOT NULL,
    bound INTEGER NOT NULL,
    report TEXT NOT NULL,
    created_at TEXT NOT NULL,
    published_at TEXT,
    published_by TEXT,
    version INTEGER NOT NULL
) STRICT;

-- At most one plan is the published one.
CREATE UNIQUE INDEX plans_published ON plans (state) WHERE state = 'published';

-- is_standing: on the schedule that teams pull. A later plan takes over the days of its horizon.
CREATE TABLE visits (
    id TEXT NOT NULL PRIMARY KEY,
    plan_id TEXT NOT NULL REFERENCES plans (id),
    enterprise_id TEXT NOT NULL REFERENCES enterprises (id),
    area_id TEXT NOT NULL REFERENCES areas (id),
    day TEXT NOT NULL,
    scenario_id TEXT REFERENCES scenarios (id),
    is_standing INTEGER NOT NULL
) STRICT;

CREATE INDEX visits_by_plan ON visits (plan_id, id);
CREATE INDEX visits_by_day ON visits (is_standing, day, id);
CREATE INDEX visits_by_enterprise ON visits (enterprise_id, day);

-- Each department's presence at a visit.
CREATE TABLE attendances (
    visit_id TEXT NOT NULL REFERENCES visits (id),
    department_id TEXT NOT NULL REFERENCES departments (id),
    inspectors INTEGER NOT NULL,
    minutes INTEGER NOT NULL,
    PRIMARY KEY (visit_id, department_id)
) STRICT;

CREATE INDEX attendances_by_department ON attendances (department_id, visit_id);

-- A plan covers a request once.
CREATE TABLE visit_requests (
    visit_id TEXT NOT NULL REFERENCES visits (id),
    request_id TEXT NOT NULL REFERENCES requests (id),
    plan_id TEXT NOT NULL REFERENCES plans (id),
    PRIMARY KEY (visit_id, request_id),
    UNIQUE (plan_id, request_id)
) STRICT;

CREATE INDEX visit_requests_by_request ON visit_requests (request_id);

CREATE TABLE left_out (
    plan_id TEXT NOT NULL REFERENCES plans (id),
    request_id TEXT NOT NULL REFERENCES requests (id),
    certainty TEXT NOT NULL,
    code TEXT NOT NULL,
    pool_id TEXT,
    penalty INTEGER NOT NULL,
    extra_cost INTEGER,
    PRIMARY KEY (plan_id, request_id)
) STRICT;
