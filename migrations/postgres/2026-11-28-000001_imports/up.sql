-- Files of requests that are all or nothing: their rows wait here until it is decided that all of them
-- are filed, and go over to the requests some at a time.
CREATE TABLE imports (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    -- who files them, as the audit log has it
    signature TEXT COLLATE "C" NOT NULL,
    -- whether its rows count as filed
    is_decided BOOLEAN NOT NULL,
    -- who goes on with it, and when it last did
    holder TEXT COLLATE "C" NOT NULL,
    held_at TIMESTAMP NOT NULL
);

CREATE TABLE import_rows (
    import_id TEXT COLLATE "C" NOT NULL REFERENCES imports (id),
    place BIGINT NOT NULL,
    enterprise_id TEXT COLLATE "C" NOT NULL REFERENCES enterprises (id),
    department_id TEXT COLLATE "C" NOT NULL REFERENCES departments (id),
    reference TEXT COLLATE "C",
    item_id TEXT COLLATE "C" NOT NULL REFERENCES items (id),
    plan_id TEXT COLLATE "C" REFERENCES inspection_plans (id),
    draw_id TEXT COLLATE "C" REFERENCES draws (id),
    -- the row of requests
    body TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (import_id, place),
    UNIQUE (department_id, reference, import_id)
);

CREATE INDEX import_rows_by_enterprise ON import_rows (enterprise_id);
CREATE INDEX import_rows_by_plan ON import_rows (plan_id) WHERE plan_id IS NOT NULL;
