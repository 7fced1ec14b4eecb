-- Files of requests that are all or nothing: their rows wait here until it is decided that all of them
-- are filed, and go over to the requests some at a time.
CREATE TABLE imports (
    id TEXT NOT NULL PRIMARY KEY,
    -- who files them, as the audit log has it
    signature TEXT NOT NULL,
    -- whether its rows count as filed
    is_decided INTEGER NOT NULL CHECK (is_decided IN (0, 1)),
    -- who goes on with it, and when it last did
    holder TEXT NOT NULL,
    held_at TEXT NOT NULL
) STRICT;

CREATE TABLE import_rows (
    import_id TEXT NOT NULL REFERENCES imports (id),
    place INTEGER NOT NULL,
    enterprise_id TEXT NOT NULL REFERENCES enterprises (id),
    department_id TEXT NOT NULL REFERENCES departments (id),
    reference TEXT,
    item_id TEXT NOT NULL REFERENCES items (id),
    plan_id TEXT REFERENCES inspection_plans (id),
    draw_id TEXT REFERENCES draws (id),
    -- the row of requests
    body TEXT NOT NULL,
    PRIMARY KEY (import_id, place),
    UNIQUE (department_id, reference, import_id)
) STRICT;

CREATE INDEX import_rows_by_enterprise ON import_rows (enterprise_id);
CREATE INDEX import_rows_by_plan ON import_rows (plan_id) WHERE plan_id IS NOT NULL;
