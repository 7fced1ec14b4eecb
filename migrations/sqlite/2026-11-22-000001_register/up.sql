-- The register: where, who inspects, who is inspected, what for, and which scenarios join it.
CREATE TABLE areas (
    id TEXT NOT NULL PRIMARY KEY,
    name_zh TEXT NOT NULL,
    name_en TEXT NOT NULL,
    version INTEGER NOT NULL
) STRICT;

CREATE TABLE departments (
    id TEXT NOT NULL PRIMARY KEY,
    name_zh TEXT NOT NULL,
    name_en TEXT NOT NULL,
    version INTEGER NOT NULL
) STRICT;

-- Inspectors' time of a department, in one area or (area_id is null) in all that have no own pool.
CREATE TABLE pools (
    id TEXT NOT NULL PRIMARY KEY,
    department_id TEXT NOT NULL REFERENCES departments (id),
    area_id TEXT REFERENCES areas (id),
    minutes INTEGER NOT NULL CHECK (minutes >= 0),
    attendance_minutes INTEGER NOT NULL CHECK (attendance_minutes >= 0),
    overtime_minutes INTEGER NOT NULL CHECK (overtime_minutes >= 0),
    version INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX pools_by_department_and_area ON pools (department_id, COALESCE(area_id, ''));

-- Days on which a pool offers other than its ordinary minutes.
CREATE TABLE pool_days (
    pool_id TEXT NOT NULL REFERENCES pools (id) ON DELETE CASCADE,
    day TEXT NOT NULL,
    minutes INTEGER NOT NULL CHECK (minutes >= 0),
    PRIMARY KEY (pool_id, day)
) STRICT;

-- The id is the unified social credit code.
CREATE TABLE enterprises (
    id TEXT NOT NULL PRIMARY KEY,
    name_zh TEXT NOT NULL,
    name_en TEXT NOT NULL,
    area_id TEXT NOT NULL REFERENCES areas (id),
    industry TEXT NOT NULL,
    risk TEXT NOT NULL CHECK (risk IN ('A', 'B', 'C', 'D')),
    credit_grade TEXT NOT NULL CHECK (credit_grade IN ('A', 'B', 'C', 'D')),
    last_counted TEXT,
    version INTEGER NOT NULL
) STRICT;

CREATE INDEX enterprises_by_area ON enterprises (area_id, id);

CREATE TABLE items (
    id TEXT NOT NULL PRIMARY KEY,
    department_id TEXT NOT NULL REFERENCES departments (id),
    name_zh TEXT NOT NULL,
    name_en TEXT NOT NULL,
    minutes INTEGER NOT NULL CHECK (minutes >= 1),
    is_minutes_assumed INTEGER NOT NULL,
    inspectors INTEGER NOT NULL CHECK (inspectors >= 1),
    is_inspectors_assumed INTEGER NOT NULL,
    version INTEGER NOT NULL
) STRICT;

CREATE INDEX items_by_department ON items (department_id, id);

-- The document is the whole scenario as its file says it; the columns are for look-ups.
CREATE TABLE scenarios (
    id TEXT NOT NULL PRIMARY KEY,
    lead_id TEXT NOT NULL REFERENCES departments (id),
    document TEXT NOT NULL,
    version INTEGER NOT NULL
) STRICT;

CREATE TABLE scenario_items (
    scenario_id TEXT NOT NULL REFERENCES scenarios (id) ON DELETE CASCADE,
    item_id TEXT NOT NULL REFERENCES items (id),
    PRIMARY KEY (scenario_id, item_id)
) STRICT;

CREATE INDEX scenario_items_by_item ON scenario_items (item_id);
