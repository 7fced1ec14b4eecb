-- What departments ask for.
CREATE TABLE requests (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    -- the department's own number, so that filing twice files once
    reference TEXT COLLATE "C",
    department_id TEXT COLLATE "C" NOT NULL REFERENCES departments (id),
    enterprise_id TEXT COLLATE "C" NOT NULL REFERENCES enterprises (id),
    item_id TEXT COLLATE "C" NOT NULL REFERENCES items (id),
    kind TEXT COLLATE "C" NOT NULL CHECK (
        kind IN ('daily', 'special', 'random_draw', 'case', 'clue', 'immediate', 'follow_up')
    ),
    earliest DATE NOT NULL,
    latest DATE NOT NULL,
    due DATE,
    minutes BIGINT NOT NULL CHECK (minutes >= 1),
    inspectors BIGINT NOT NULL CHECK (inspectors >= 1),
    is_exempt BOOLEAN NOT NULL,
    is_quiet_exempt BOOLEAN NOT NULL,
    together TEXT COLLATE "C",
    is_solo BOOLEAN NOT NULL,
    note TEXT COLLATE "C",
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('accepted', 'withdrawn')),
    filed_at TIMESTAMP NOT NULL,
    filed_by TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    CHECK (earliest <= latest),
    UNIQUE (department_id, reference)
);

CREATE INDEX requests_by_department ON requests (department_id, id);
CREATE INDEX requests_by_enterprise ON requests (enterprise_id, id);
CREATE INDEX requests_by_window ON requests (state, latest);
