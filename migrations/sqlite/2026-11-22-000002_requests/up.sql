-- What departments ask for.
CREATE TABLE requests (
    id TEXT NOT NULL PRIMARY KEY,
    -- the department's own number, so that filing twice files once
    reference TEXT,
    department_id TEXT NOT NULL REFERENCES departments (id),
    enterprise_id TEXT NOT NULL REFERENCES enterprises (id),
    item_id TEXT NOT NULL REFERENCES items (id),
    kind TEXT NOT NULL CHECK (
        kind IN ('daily', 'special', 'random_draw', 'case', 'clue', 'immediate', 'follow_up')
    ),
    earliest TEXT NOT NULL,
    latest TEXT NOT NULL,
    due TEXT,
    minutes INTEGER NOT NULL CHECK (minutes >= 1),
    inspectors INTEGER NOT NULL CHECK (inspectors >= 1),
    is_exempt INTEGER NOT NULL,
    is_quiet_exempt INTEGER NOT NULL,
    together TEXT,
    is_solo INTEGER NOT NULL,
    note TEXT,
    state TEXT NOT NULL CHECK (state IN ('accepted', 'withdrawn')),
    filed_at TEXT NOT NULL,
    filed_by TEXT NOT NULL,
    version INTEGER NOT NULL,
    CHECK (earliest <= latest),
    UNIQUE (department_id, reference)
) STRICT;

CREATE INDEX requests_by_department ON requests (department_id, id);
CREATE INDEX requests_by_enterprise ON requests (enterprise_id, id);
CREATE INDEX requests_by_window ON requests (state, latest);
