-- A problem is a snapshot, packed with gzip, and where each of its numbers came from.
CREATE TABLE problems (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL,
    start_day DATE NOT NULL,
    end_day DATE NOT NULL,
    policy_version BIGINT NOT NULL REFERENCES policies (version),
    parent_plan_id TEXT COLLATE "C",
    file BYTEA NOT NULL,
    sources BYTEA NOT NULL,
    created_at TIMESTAMP NOT NULL,
    created_by TEXT COLLATE "C" NOT NULL
);

CREATE TABLE runs (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    problem_id TEXT COLLATE "C" NOT NULL REFERENCES problems (id),
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed')),
    seed BIGINT NOT NULL,
    work_max BIGINT,
    seconds_max DOUBLE PRECISION,
    gap DOUBLE PRECISION NOT NULL,
    threads BIGINT NOT NULL,
    is_cancelled BOOLEAN NOT NULL,
    created_at TIMESTAMP NOT NULL,
    created_by TEXT COLLATE "C" NOT NULL,
    started_at TIMESTAMP,
    finished_at TIMESTAMP,
    -- who works on it, and until when that is believed without a sign of life
    worker TEXT COLLATE "C",
    lease_until TIMESTAMP,
    attempts BIGINT NOT NULL,
    cost BIGINT,
    bound BIGINT,
    work BIGINT,
    seconds DOUBLE PRECISION,
    error TEXT COLLATE "C"
);

CREATE INDEX runs_by_state ON runs (state, id);

CREATE TABLE plans (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    run_id TEXT COLLATE "C" NOT NULL UNIQUE REFERENCES runs (id),
    problem_id TEXT COLLATE "C" NOT NULL REFERENCES problems (id),
    parent_id TEXT COLLATE "C" REFERENCES plans (id),
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('draft', 'published', 'superseded')),
    cost BIGINT NOT NULL,
    bound BIGINT NOT NULL,
    report TEXT COLLATE "C" NOT NULL,
    created_at TIMESTAMP NOT NULL,
    published_at TIMESTAMP,
    published_by TEXT COLLATE "C",
    version BIGINT NOT NULL
);

-- At most one plan is the published one.
CREATE UNIQUE INDEX plans_published ON plans (state) WHERE state = 'published';

-- is_standing: on the schedule that teams pull. A later plan takes over the days of its horizon.
CREATE TABLE visits (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    plan_id TEXT COLLATE "C" NOT NULL REFERENCES plans (id),
    enterprise_id TEXT COLLATE "C" NOT NULL REFERENCES enterprises (id),
    area_id TEXT COLLATE "C" NOT NULL REFERENCES areas (id),
    day DATE NOT NULL,
    scenario_id TEXT COLLATE "C" REFERENCES scenarios (id),
    is_standing BOOLEAN NOT NULL
);

CREATE INDEX visits_by_plan ON visits (plan_id, id);
CREATE INDEX visits_by_day ON visits (is_standing, day, id);
CREATE INDEX visits_by_enterprise ON visits (enterprise_id, day);

-- Each department's presence at a visit.
CREATE TABLE attendances (
    visit_id TEXT COLLATE "C" NOT NULL REFERENCES visits (id),
    department_id TEXT COLLATE "C" NOT NULL REFERENCES departments (id),
    inspectors BIGINT NOT NULL,
    minutes BIGINT NOT NULL,
    PRIMARY KEY (visit_id, department_id)
);

CREATE INDEX attendances_by_department ON attendances (department_id, visit_id);

-- A plan covers a request once.
CREATE TABLE visit_requests (
    visit_id TEXT COLLATE "C" NOT NULL REFERENCES visits (id),
    request_id TEXT COLLATE "C" NOT NULL REFERENCES requests (id),
    plan_id TEXT COLLATE "C" NOT NULL REFERENCES plans (id),
    PRIMARY KEY (visit_id, request_id),
    UNIQUE (plan_id, request_id)
);

CREATE INDEX visit_requests_by_request ON visit_requests (request_id);

CREATE TABLE left_out (
    plan_id TEXT COLLATE "C" NOT NULL REFERENCES plans (id),
    request_id TEXT COLLATE "C" NOT NULL REFERENCES requests (id),
    certainty TEXT COLLATE "C" NOT NULL,
    code TEXT COLLATE "C" NOT NULL,
    pool_id TEXT COLLATE "C",
    penalty BIGINT NOT NULL,
    extra_cost BIGINT,
    PRIMARY KEY (plan_id, request_id)
);
